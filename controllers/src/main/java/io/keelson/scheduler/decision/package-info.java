/**
 * How a node is chosen for a pod: a function of the {@link io.keelson.scheduler.state.ClusterState} and the pod, without I/O
 * and without a clock. {@linkplain io.keelson.scheduler.decision.Filter Filters} say which nodes can take it, {@linkplain
 * io.keelson.scheduler.decision.Score scores} which of them is best; {@link io.keelson.scheduler.decision.Decider} asks them
 * in order and says which node, or why none.
 */
@NullMarked
package io.keelson.scheduler.decision;

import org.jspecify.annotations.NullMarked;
