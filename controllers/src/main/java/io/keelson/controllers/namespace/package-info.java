/**
 * Empties namespaces that are being deleted, and lets go of them when nothing is left.
 *
 * <p>{@link io.keelson.controllers.namespace.NamespaceController} is given the name of a namespace that ends. {@link
 * io.keelson.controllers.namespace.ContentDeletion} asks discovery for every kind, deletes the pods, and when they are
 * gone all else, many kinds at a time; what it finds (failures, what remains, which finalizers hold it) is an {@link
 * io.keelson.controllers.namespace.Outlook}. {@link io.keelson.controllers.namespace.DeletionConditions} says the same
 * in the words of the namespace's conditions.
 */
@NullMarked
package io.keelson.controllers.namespace;

import org.jspecify.annotations.NullMarked;
