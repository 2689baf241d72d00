package io.keelson.apiserver.aggregation;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How API servers behind this one are reached.
 *
 * @param clientCertificate what is shown to them: a file; null for what the server has made itself
 * @param clientKey the key of that certificate
 */
public record AggregationSettings(
        @Nullable Path clientCertificate, @Nullable Path clientKey) {
    public static final AggregationSettings DEFAULT = new AggregationSettings(null, null);

    /** @throws IllegalArgumentException naming the flags that only go together */
    public AggregationSettings {
        if ((clientCertificate == null) != (clientKey == null)) {
            throw new IllegalArgumentException("--proxy-client-cert-file and --proxy-client-key-file only go together");
        }
    }
}
