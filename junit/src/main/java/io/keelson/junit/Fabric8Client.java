package io.keelson.junit;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;

/** Makes clients of fabric8. */
final class Fabric8Client {
    static final String TYPE = "io.fabric8.kubernetes.client.KubernetesClient";

    private Fabric8Client() {}

    static KubernetesClient of(SharedServer server, TestNamespace namespace) {
        return new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(server.kubeconfig(namespace.name())))
                .build();
    }
}
