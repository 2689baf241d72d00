/**
 * How many decisions a scheduler makes in process, without an API: {@link io.keelson.benchmarks.decision.MachinePark}
 * fills a {@link io.keelson.scheduler.state.ClusterState} with nodes, {@link io.keelson.benchmarks.decision.Asking}
 * makes pods, and {@link io.keelson.benchmarks.decision.DecisionBenchCommand} decides on one after the other and holds
 * what it took against what is wanted, memory included.
 */
@NullMarked
package io.keelson.benchmarks.decision;

import org.jspecify.annotations.NullMarked;
