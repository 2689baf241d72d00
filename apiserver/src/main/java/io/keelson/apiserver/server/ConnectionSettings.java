package io.keelson.apiserver.server;

import io.keelson.apiserver.proxy.KubeletSettings;

/**
 * How the server reaches others.
 *
 * @param kubelets the agents of nodes
 */
public record ConnectionSettings(KubeletSettings kubelets) {
    public static final ConnectionSettings DEFAULT = new ConnectionSettings(KubeletSettings.DEFAULT);
}
