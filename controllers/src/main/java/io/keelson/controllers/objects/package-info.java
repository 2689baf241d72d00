/**
 * What several controllers ask of objects, each rule in one place: whose an object is ({@link
 * io.keelson.controllers.objects.Owners}), whom a selector selects ({@link io.keelson.controllers.objects.Selectors}), how a
 * pod is doing ({@link io.keelson.controllers.objects.Pods}), which pods count as an owner's ({@link
 * io.keelson.controllers.objects.Claims}), how much a quantity is and how it is written ({@link
 * io.keelson.controllers.objects.Amount}; {@link io.keelson.controllers.objects.OrEmpty} spares the question whether a
 * list is there). Only {@code Claims}, {@code Deletion} and {@code PodCreation} speak to the API.
 */
@NullMarked
package io.keelson.controllers.objects;

import org.jspecify.annotations.NullMarked;
