/**
 * {@code node-lifecycle-controller}: notices that a node is lost, says so, and gets its pods away, not faster than a cluster
 * can bear.
 *
 * <p>Three roads lead through this room:
 * <ul>
 *   <li>Each monitor period, {@link io.keelson.controllers.nodelifecycle.NodeMonitor} compares each node's status and Lease
 *       with what it saw before ({@link io.keelson.controllers.nodelifecycle.NodeHealth}). A node without a sign of life
 *       for the grace period gets conditions {@code Unknown} ({@link io.keelson.controllers.nodelifecycle.LostContact}), its
 *       pods are marked not ready ({@link io.keelson.controllers.nodelifecycle.LostPods}), and it is put into the queue of
 *       its zone.
 *   <li>Ten times a second, {@link io.keelson.controllers.nodelifecycle.Evictions} takes nodes out of the queues, as fast as
 *       the state of each zone ({@link io.keelson.controllers.nodelifecycle.Disruption}) lets it, and gives them a
 *       {@code NoExecute} taint. Who has to leave because of it is for {@code taint-eviction-controller} to say.
 *   <li>Each change of a node brings its {@code NoSchedule} taints in line with its conditions ({@link
 *       io.keelson.controllers.nodelifecycle.ConditionTaints}) and its old labels with its new ones ({@link
 *       io.keelson.controllers.nodelifecycle.BetaLabels}); each pod that comes to a node that is not ready is marked.
 * </ul>
 *
 * <p>What is remembered between two looks is when a node was heard of last; a new leader starts the grace periods afresh.
 */
@NullMarked
package io.keelson.controllers.nodelifecycle;

import org.jspecify.annotations.NullMarked;
