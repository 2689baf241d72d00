/**
 * What a node does when it runs out of memory, disk, files or processes: it gives away what nobody needs, and then ends
 * pods, as few as it can, before the kernel does so without asking.
 *
 * <p>Every ten seconds {@link io.keelson.agent.eviction.Eviction} has somebody look what the node and its pods use
 * ({@link io.keelson.agent.eviction.UsageSource}), and asks three pure functions:
 *
 * <pre>
 *   {@link io.keelson.agent.eviction.Thresholds}, once, by the configuration
 *        │
 *        ▼            picture, time
 *   {@link io.keelson.agent.eviction.PressureState} ───────────────► which thresholds are met for long enough, and what
 *        │                                       the node has to be told to be under
 *        ▼            pods
 *   {@link io.keelson.agent.eviction.Decision}      ───────────────► pods beyond limits of their own; or what of the node's to
 *        │                                       give up, and whom to end if that is not enough
 *        ▼
 *   {@link io.keelson.agent.eviction.Eviction} does it, one pod at a time, and looks again when that one is gone
 * </pre>
 *
 * <p>While the node is under pressure, {@link io.keelson.agent.eviction.PressureAdmission} lets no pods in that would
 * add to it. Critical pods are let in, and are never ended.
 */
@NullMarked
package io.keelson.agent.eviction;

import org.jspecify.annotations.NullMarked;
