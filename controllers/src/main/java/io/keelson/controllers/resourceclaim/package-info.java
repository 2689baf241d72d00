/**
 * Looks after ResourceClaims on behalf of pods. A pod that names a template gets a claim made from it, and its name in the
 * pod's status; a pod that came to a node without the scheduler gets its claims reserved; and when a pod is done, its
 * reservation goes, with the last one the allocation, so that devices are free for others.
 *
 * <p>Keys are of two kinds: {@code pod:NAME} and {@code claim:NAME}, each in its namespace.
 *
 * <p>A claim that is made from a template has a name that follows from the pod's uid, so that whoever makes it a second time,
 * after a crash or on an old picture, finds the first. Claims that the scheduler makes for extended resources are not made,
 * named or deleted here; their reservations end as all others do.
 */
@NullMarked
package io.keelson.controllers.resourceclaim;

import org.jspecify.annotations.NullMarked;
