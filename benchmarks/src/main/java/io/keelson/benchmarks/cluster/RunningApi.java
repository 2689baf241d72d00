package io.keelson.benchmarks.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.object.Json;
import io.keelson.benchmarks.api.ApiConnection;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An API server that is up, started for the measurement or running elsewhere, and the way into it. */
public final class RunningApi implements AutoCloseable {
    private static final long READY_SECONDS_MAX = 180;
    private static final String NAMESPACE = "keelson-bench";

    private final @Nullable Component process;
    private final ApiConnection connection;
    private final ApiObjects objects;
    private final Path kubeconfig;
    private final List<Long> pids;

    private RunningApi(
            @Nullable Component process, ApiConnection connection, int atOnce, Path kubeconfig, List<Long> pids) {
        this.process = process;
        this.connection = connection;
        this.objects = new ApiObjects(connection, atOnce);
        this.kubeconfig = kubeconfig;
        this.pids = List.copyOf(pids);
    }

    /**
     * Starts one, and waits until it is ready.
     *
     * @param atOnce how many requests are under way at a time when objects are made
     * @throws IOException if it ends or is not ready within {@value #READY_SECONDS_MAX} s
     */
    public static RunningApi start(Launcher launcher, List<String> flags, int atOnce)
            throws IOException, InterruptedException {
        Component process = launcher.apiServer(flags);
        try {
            ApiConnection connection = awaitReady(process, launcher.kubeconfig());
            return new RunningApi(process, connection, atOnce, launcher.kubeconfig(), List.of(process.pid()));
        } catch (IOException | InterruptedException | RuntimeException e) {
            process.close();
            throw e;
        }
    }

    /**
     * One that is there.
     *
     * @param pids of its processes and its store's, if they are on this machine
     */
    public static RunningApi at(Path kubeconfig, List<Long> pids, int atOnce) throws IOException {
        return new RunningApi(
                null, ApiConnection.open(kubeconfig, HttpClient.Version.HTTP_1_1), atOnce, kubeconfig, pids);
    }

    private static ApiConnection awaitReady(Component process, Path kubeconfig)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS_MAX);
        while (true) {
            process.checkAlive();
            ApiConnection connection = null;
            try {
                if (Files.exists(kubeconfig)) {
                    connection = ApiConnection.open(kubeconfig, HttpClient.Version.HTTP_1_1);
                    var _ = connection.call(connection.get("/readyz"), 0);
                    return connection;
                }
            } catch (IOException | RuntimeException e) {
                // It is still starting, or half of the file is written.
                if (connection != null) {
                    connection.close();
                }
                if (System.nanoTime() - end > 0) {
                    throw new IOException("the API server is not ready after " + READY_SECONDS_MAX + " s", e);
                }
            }
            if (System.nanoTime() - end > 0) {
                throw new IOException("the API server has not written " + kubeconfig);
            }
            Thread.sleep(50);
        }
    }

    /** The way into it. */
    public ApiConnection connection() {
        return connection;
    }

    /** Objects in it. */
    public ApiObjects objects() {
        return objects;
    }

    /** How others get into it. */
    public Path kubeconfig() {
        return kubeconfig;
    }

    /** Its processes on this machine, as far as they are known. */
    public List<Long> pids() {
        return pids;
    }

    /**
     * The way to a component that lets in whom this API server knows, as all do that serve metrics.
     *
     * @param port of loopback
     */
    public ApiConnection component(int port) throws IOException, InterruptedException {
        return ApiConnection.to(new RemoteServer("https://127.0.0.1:" + port, null, null, token(), "", "", true));
    }

    /** The token of an account that may read everything. */
    private String token() throws IOException, InterruptedException {
        objects.createNamespace(NAMESPACE);
        var _ = objects.post("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"keelson-bench"},
            "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"},
            "subjects":[{"kind":"ServiceAccount","name":"default","namespace":"keelson-bench"}]}\
            """);
        JsonNode answer = Json.parse(objects.post(
                "/api/v1/namespaces/" + NAMESPACE + "/serviceaccounts/default/token",
                "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenRequest\","
                        + "\"spec\":{\"expirationSeconds\":86400}}"));
        String token = answer.path("status").path("token").asText();
        if (token.isEmpty()) {
            throw new IOException("the API server gives no token to read metrics with");
        }
        return token;
    }

    /** What a component counts now. */
    public static MetricsText metrics(ApiConnection component) throws IOException, InterruptedException {
        return new MetricsText(new String(component.call(component.get("/metrics"), 0), StandardCharsets.UTF_8));
    }

    /**
     * Waits until a component says that it is well.
     *
     * @throws IOException if it ends, or does not within {@value #READY_SECONDS_MAX} s
     */
    public static void awaitWell(Component process, ApiConnection component) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS_MAX);
        while (true) {
            process.checkAlive();
            try {
                var _ = component.call(component.get("/healthz"), 0);
                return;
            } catch (IOException e) {
                if (System.nanoTime() - end > 0) {
                    throw new IOException("not well after " + READY_SECONDS_MAX + " s: " + e.getMessage(), e);
                }
            }
            Thread.sleep(50);
        }
    }

    /**
     * Goes on if the process does.
     *
     * @throws IOException if it has ended
     */
    public void checkAlive() throws IOException {
        if (process != null) {
            process.checkAlive();
        }
    }

    @Override
    public void close() {
        connection.close();
        if (process != null) {
            process.close();
        }
    }
}
