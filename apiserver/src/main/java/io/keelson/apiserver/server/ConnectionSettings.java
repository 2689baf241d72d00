package io.keelson.apiserver.server;

import io.keelson.apiserver.aggregation.AggregationSettings;
import io.keelson.apiserver.proxy.KubeletSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How the server is reached, and reaches others.
 *
 * @param serving what it shows to clients
 * @param http2 how clients may use HTTP/2
 * @param kubelets the agents of nodes
 * @param aggregation API servers behind this one
 * @param serviceEndpoints whether webhooks and API servers that are Services are connected to at their endpoints, and not
 *     at the cluster address
 * @param egressConfig an EgressSelectorConfiguration: through which proxies others are reached; null for none
 */
public record ConnectionSettings(
        ServingSettings serving,
        Http2Serving http2,
        KubeletSettings kubelets,
        AggregationSettings aggregation,
        boolean serviceEndpoints,
        @Nullable Path egressConfig) {
    public static final ConnectionSettings DEFAULT = new ConnectionSettings(
            ServingSettings.DEFAULT,
            Http2Serving.DEFAULT,
            KubeletSettings.DEFAULT,
            AggregationSettings.DEFAULT,
            false,
            null);

    public ConnectionSettings withServing(ServingSettings other) {
        return new ConnectionSettings(other, http2, kubelets, aggregation, serviceEndpoints, egressConfig);
    }
}
