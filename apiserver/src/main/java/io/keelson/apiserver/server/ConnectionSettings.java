package io.keelson.apiserver.server;

import io.keelson.apiserver.aggregation.AggregationSettings;
import io.keelson.apiserver.proxy.KubeletSettings;

/**
 * How the server reaches others.
 *
 * @param kubelets the agents of nodes
 * @param aggregation API servers behind this one
 */
public record ConnectionSettings(KubeletSettings kubelets, AggregationSettings aggregation) {
    public static final ConnectionSettings DEFAULT =
            new ConnectionSettings(KubeletSettings.DEFAULT, AggregationSettings.DEFAULT);
}
