package io.keelson.junit;

import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.KubeConfig;
import java.io.IOException;
import java.io.StringReader;

/** Makes clients of the official library. */
final class OfficialClient {
    static final String TYPE = "io.kubernetes.client.openapi.ApiClient";

    private OfficialClient() {}

    static ApiClient of(SharedServer server, TestNamespace namespace) throws IOException {
        KubeConfig config = KubeConfig.loadKubeConfig(new StringReader(server.kubeconfig(namespace.name())));
        return ClientBuilder.kubeconfig(config).build();
    }

    /** Ends its threads and connections. */
    static void close(ApiClient client) {
        client.getHttpClient().dispatcher().executorService().shutdownNow();
        client.getHttpClient().connectionPool().evictAll();
    }
}
