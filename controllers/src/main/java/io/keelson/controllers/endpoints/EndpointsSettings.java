package io.keelson.controllers.endpoints;

import java.time.Duration;

/**
 * What can be set.
 *
 * @param workers {@code --concurrent-endpoint-syncs}
 * @param updatesBatchPeriod {@code --endpoint-updates-batch-period}: for how long changes of pods are gathered
 */
public record EndpointsSettings(int workers, Duration updatesBatchPeriod) {
    /** Five workers and no gathering. */
    public static final EndpointsSettings DEFAULT = new EndpointsSettings(5, Duration.ZERO);
}
