package io.keelson.apiserver;

import io.keelson.apiserver.certs.Kubeconfig;
import io.keelson.apiserver.server.AdmissionSettings;
import io.keelson.apiserver.server.ApiServer;
import io.keelson.apiserver.server.ApiServerConfig;
import io.keelson.apiserver.server.ClusterSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A Kubernetes API server with a store of its own in this process.
 *
 * <pre>{@code
 * try (KeelsonServer server = KeelsonServer.start(KeelsonConfig.ephemeral())) {
 *     KubernetesClient client = new KubernetesClientBuilder()
 *             .withConfig(Config.fromKubeconfig(server.kubeconfig().text()))
 *             .build();
 *     …
 * }
 * }</pre>
 *
 * <p>It listens on one port of loopback, for HTTPS; who shows no credentials may see its version and health. Several live
 * in one process. No controllers run: a Deployment makes no Pods, and a namespace has no account {@code default}. So
 * the admission plugin {@code ServiceAccount} is off, which would refuse every Pod, unless the configuration
 * {@linkplain KeelsonConfig#withAdmissionPlugins enables it}. Any thread.
 */
public final class KeelsonServer implements AutoCloseable {
    private final ApiServer server;

    private KeelsonServer(ApiServer server) {
        this.server = server;
    }

    /**
     * Starts a server, and returns when it serves.
     *
     * @throws IllegalArgumentException if there is no admission plugin of a name; nothing is left running then
     * @throws IOException if it cannot start, the port or the folder is taken for example; nothing is left running then
     * @throws InterruptedException if the thread is interrupted; nothing is left running then
     */
    public static KeelsonServer start(KeelsonConfig config) throws IOException, InterruptedException {
        ClusterSettings cluster = ClusterSettings.DEFAULT.withAdmission(
                AdmissionSettings.WITHOUT_CONTROLLERS.with(config.admissionPlugins(), List.of()));
        ApiServerConfig whole =
                ApiServerConfig.ephemeral().withPort(config.port()).withCluster(cluster);
        Path folder = config.folder();
        return new KeelsonServer(ApiServer.start(folder == null ? whole : whole.inFolder(folder), config.clock()));
    }

    /** Where clients reach it: {@code https://127.0.0.1:port}. */
    public String url() {
        return server.url();
    }

    /** What a client needs to reach it with an administrator's rights. */
    public Kubeconfig kubeconfig() {
        return server.kubeconfig();
    }

    /** Ends requests and watches under way, and frees threads, ports, files, and the data of an ephemeral server. */
    @Override
    public void close() {
        server.close();
    }
}
