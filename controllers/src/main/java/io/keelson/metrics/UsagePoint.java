package io.keelson.metrics;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a node or a container had used at a time.
 *
 * @param time when that was
 * @param started since when time of processors is counted; null if that is not known
 * @param cpuNanos nanoseconds of processors since then
 * @param memoryBytes at that time
 */
record UsagePoint(Instant time, @Nullable Instant started, long cpuNanos, long memoryBytes) {}
