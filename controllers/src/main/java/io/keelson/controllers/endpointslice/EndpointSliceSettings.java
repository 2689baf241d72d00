package io.keelson.controllers.endpointslice;

import java.time.Duration;

/**
 * What can be set.
 *
 * @param workers {@code --concurrent-service-endpoint-syncs}
 * @param maxEndpointsPerSlice {@code --max-endpoints-per-slice}, from 1 to 1,000
 * @param updatesBatchPeriod {@code --endpointslice-updates-batch-period}: for how long changes of pods are gathered
 */
public record EndpointSliceSettings(int workers, int maxEndpointsPerSlice, Duration updatesBatchPeriod) {
    /** Five workers, 100 endpoints, and no gathering. */
    public static final EndpointSliceSettings DEFAULT = new EndpointSliceSettings(5, 100, Duration.ZERO);

    public EndpointSliceSettings {
        if (maxEndpointsPerSlice < 1 || maxEndpointsPerSlice > 1000) {
            throw new IllegalArgumentException("a slice has 1 to 1000 endpoints, not " + maxEndpointsPerSlice);
        }
    }
}
