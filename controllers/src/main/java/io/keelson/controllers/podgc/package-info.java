/**
 * Removes pods that nobody else will: those that ended, when there are too many; those of nodes that are gone; those
 * that are being deleted and never got to a node; those of nodes that are known to be out of service.
 *
 * <p>Every twenty seconds {@link io.keelson.controllers.podgc.PodGarbageCollectorController} looks at all pods and
 * nodes; {@link io.keelson.controllers.podgc.Sweep} says which pods go and why, {@link
 * io.keelson.controllers.podgc.Quarantine} which nodes have been away for long enough. A pod that has not ended is
 * marked as failed before it is deleted, so that those who count it know what became of it.
 */
@NullMarked
package io.keelson.controllers.podgc;

import org.jspecify.annotations.NullMarked;
