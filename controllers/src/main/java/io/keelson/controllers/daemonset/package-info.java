/**
 * One pod on each node that a DaemonSet asks for.
 *
 * <p>A change of a DaemonSet, a node, a pod or a revision becomes the key of the set. {@link
 * io.keelson.controllers.daemonset.DaemonSetController} reads the caches, finds the revision of what the set says, and sorts
 * the nodes by {@link io.keelson.controllers.daemonset.Placement} into those where a pod is to run, those where one may stay,
 * and the others. {@link io.keelson.controllers.daemonset.Upkeep} computes from these which pods are missing and which are
 * too many; when there is nothing of the kind on its way, {@link io.keelson.controllers.daemonset.Rollout} computes which are
 * to be replaced. Both are without I/O. {@link io.keelson.controllers.daemonset.StatusCount} counts what was seen.
 *
 * <p>A pod is made for a node by an affinity for the node's name; the scheduler puts it there. Pods have no names that
 * follow from the node, so what was asked for is expected before it is counted again.
 */
@NullMarked
package io.keelson.controllers.daemonset;

import org.jspecify.annotations.NullMarked;
