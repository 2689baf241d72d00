/**
 * The load tool: drives any etcd v3 endpoint, and puts several side by side.
 *
 * <p>A {@link io.keelson.benchmarks.load.Workload} says what one client does again and again; {@link
 * io.keelson.benchmarks.load.ClosedLoop} lets many of them do it at once and records latencies; {@link
 * io.keelson.benchmarks.load.KvComparison} lets the targets take turns, round after round, and reads from the operating
 * system what CPU and memory their processes used meanwhile. The client is the same for every target and decodes as
 * little as it can, so that what is measured is the server.
 */
@NullMarked
package io.keelson.benchmarks.load;

import org.jspecify.annotations.NullMarked;
