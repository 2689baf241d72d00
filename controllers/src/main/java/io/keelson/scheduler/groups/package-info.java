/**
 * Pods that are scheduled together: which groups there are and which pods belong to them ({@link
 * io.keelson.scheduler.groups.PodGroups}), how many of a group have to have nodes for any of them to be bound ({@link
 * io.keelson.scheduler.groups.GangScheduling}), who waits for the others of its group ({@link
 * io.keelson.scheduler.groups.WaitingPods}), and whether all of a group have places at once ({@link
 * io.keelson.scheduler.groups.GroupPlan}).
 *
 * <pre>
 *   PodGroups, pods ──► PodGroups ──► GangScheduling ──hold──► queue
 *                           ▲              │
 *   assumed, not bound ─────┘              └──go, wait──► GroupPlan, WaitingPods ──► binding
 * </pre>
 *
 * <p>Nothing in here writes or asks a clock; all belongs to the thread that owns the state of the cluster.
 */
@NullMarked
package io.keelson.scheduler.groups;

import org.jspecify.annotations.NullMarked;
