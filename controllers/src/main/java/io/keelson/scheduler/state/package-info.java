/**
 * What the scheduler knows of the cluster, in the form in which it is asked: per node, in arrays of numbers. A {@link
 * io.keelson.scheduler.state.PodInfo} is a pod read once: what it requests, tolerates and asks for, compiled. A {@link
 * io.keelson.scheduler.state.NodeState} is a node with the pods that are on it or are assumed to be soon. {@link
 * io.keelson.scheduler.state.ClusterState} holds all of them.
 *
 * <p>One thread owns a cluster's state: it brings in what the API's watches told between two decisions, and decides. So
 * nothing in here is locked, and no snapshot is copied.
 */
@NullMarked
package io.keelson.scheduler.state;

import org.jspecify.annotations.NullMarked;
