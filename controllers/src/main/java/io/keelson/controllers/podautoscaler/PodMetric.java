package io.keelson.controllers.podautoscaler;

import java.time.Duration;
import java.time.Instant;

/**
 * What was measured of a pod.
 *
 * @param timestamp the end of the measurement
 * @param window how long it took
 * @param milli the value in thousandths
 */
record PodMetric(Instant timestamp, Duration window, long milli) {}
