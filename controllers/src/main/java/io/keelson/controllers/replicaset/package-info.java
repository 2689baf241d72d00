/**
 * Keeps a number of pods running: ReplicaSets, and ReplicationControllers by the same rules.
 *
 * <p>A change of an owner or of a pod brings the owner's key. {@link io.keelson.controllers.replicaset.ReplicaLoop} takes
 * from the caches the pods that are the owner's, adopting and releasing; {@link
 * io.keelson.controllers.replicaset.PodChanges} says how many are missing, or which are too many by {@link
 * io.keelson.controllers.replicaset.DeletionOrder}; they are created in growing rounds, or deleted. Last, {@link
 * io.keelson.controllers.replicaset.StatusCalculation} makes the status of what was seen, which is written if it says
 * something new. What makes the two kinds different is behind {@link io.keelson.controllers.replicaset.ReplicatedKind}.
 *
 * <p>Nothing is created or deleted while the cache has not seen what was created and deleted before; so a late cache makes
 * no pod too many.
 */
@NullMarked
package io.keelson.controllers.replicaset;

import org.jspecify.annotations.NullMarked;
