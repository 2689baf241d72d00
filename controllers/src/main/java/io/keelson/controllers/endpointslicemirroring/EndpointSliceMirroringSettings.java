package io.keelson.controllers.endpointslicemirroring;

import java.time.Duration;

/**
 * What can be set.
 *
 * @param workers {@code --mirroring-concurrent-service-endpoint-syncs}
 * @param maxEndpointsPerSubset {@code --mirroring-max-endpoints-per-subset}, from 1 to 1,000: what is more is left out
 * @param updatesBatchPeriod {@code --mirroring-endpointslice-updates-batch-period}: for how long changes are gathered
 */
public record EndpointSliceMirroringSettings(int workers, int maxEndpointsPerSubset, Duration updatesBatchPeriod) {
    /** Five workers, 1,000 endpoints, and no gathering. */
    public static final EndpointSliceMirroringSettings DEFAULT =
            new EndpointSliceMirroringSettings(5, 1000, Duration.ZERO);

    public EndpointSliceMirroringSettings {
        if (maxEndpointsPerSubset < 1 || maxEndpointsPerSubset > 1000) {
            throw new IllegalArgumentException("a slice has 1 to 1000 endpoints, not " + maxEndpointsPerSubset);
        }
    }
}
