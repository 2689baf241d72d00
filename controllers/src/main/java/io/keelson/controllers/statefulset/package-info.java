/**
 * Pods with a name of their own that they keep: {@code web-0}, {@code web-1}, … each with its volumes, made, updated and
 * removed in order.
 *
 * <p>A change of a StatefulSet, a pod, a revision or a claim becomes the key of the set. {@link
 * io.keelson.controllers.statefulset.StatefulSetController} reads the caches and finds the two revisions that count: the
 * current one, which pods have that are not to be updated yet, and the update one, which is what the set says now. {@link
 * io.keelson.controllers.statefulset.Plan} computes from these, without any I/O, what is to be written in this round; {@link
 * io.keelson.controllers.statefulset.PlanWriter} writes it; {@link io.keelson.controllers.statefulset.StatusCount} counts
 * what was seen.
 *
 * <pre>
 *   set, pods, revisions, claims ──► Plan ──► PlanWriter ──► API
 *                │                    ├─ Upkeep: claims and identity of pods that are there
 *                │                    ├─ creations, in ascending order
 *                └──► StatusCount     └─ deletions: ended pods, condemned ones, ones to update, in descending order
 * </pre>
 *
 * <p>All names follow from the set and an ordinal, so what is done twice is refused the second time, and does no harm.
 */
@NullMarked
package io.keelson.controllers.statefulset;

import org.jspecify.annotations.NullMarked;
