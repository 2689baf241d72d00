/**
 * How long controllers take, on an API server and with a controller manager that are started for it, and without nodes:
 * pods are objects that nobody runs.
 *
 * <p>A {@link io.keelson.benchmarks.controllers.ControllerCase} puts objects into a namespace of its own, and then does
 * what the controllers have to follow; the {@link io.keelson.benchmarks.controllers.Playground} is where it does so.
 * The time is from the first request until the API shows what is to be there.
 */
@NullMarked
package io.keelson.benchmarks.controllers;

import org.jspecify.annotations.NullMarked;
