package io.keelson.dist.faults;

import io.keelson.kvstore.faults.ServerProcess;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One API server as a process of its own, on a port that it keeps when it is started again. */
final class ApiServerProcess implements AutoCloseable {
    private static final Duration READY_ANSWER_MAX = Duration.ofSeconds(20);

    private final int number;
    private final Path folder;
    private final List<String> line;
    private final ServerProcess process;
    private volatile @Nullable ApiConnection http1;
    private volatile @Nullable ApiConnection http2;

    /**
     * A server that is not started yet.
     *
     * @param number from 0
     * @param folder of its log and kubeconfig
     * @param certificates the folder of keys and certificates, which all servers share
     * @param command flags are added to it
     */
    ApiServerProcess(
            int number, int port, Path folder, Path certificates, List<String> storeUrls, List<String> command) {
        this.number = number;
        this.folder = folder;
        this.line = new ArrayList<>(command);
        line.addAll(List.of(
                "--etcd-servers=" + String.join(",", storeUrls),
                // So that watches find what they want compacted when they, or the server, have stood still for long;
                // but
                // longer than any one member stands still, whose watcher is to tell the whole history.
                "--etcd-compaction-interval=20s",
                "--bind-address=127.0.0.1",
                "--secure-port=" + port,
                "--cert-dir=" + certificates,
                "--write-kubeconfig=" + kubeconfig()));
        this.process = new ServerProcess(folder.resolve("log"));
    }

    private Path kubeconfig() {
        return folder.resolve("kubeconfig");
    }

    int number() {
        return number;
    }

    Path log() {
        return process.log();
    }

    boolean alive() {
        return process.alive();
    }

    boolean paused() {
        return process.paused();
    }

    /** Starts it if it does not run. */
    void start() throws IOException {
        if (!process.alive()) {
            process.start(line, folder, Map.of());
        }
    }

    void kill() {
        process.kill();
    }

    void pause() throws IOException, InterruptedException {
        process.pause();
    }

    void resume() throws IOException, InterruptedException {
        process.resume();
    }

    /** Connections to it, once it has been ready: by HTTP/1.1 or HTTP/2. */
    ApiConnection connection(HttpClient.Version version) {
        ApiConnection connection = version == HttpClient.Version.HTTP_2 ? http2 : http1;
        if (connection == null) {
            throw new IllegalStateException("API server " + number + " was never ready");
        }
        return connection;
    }

    /** Whether it says that it is ready. */
    boolean ready() throws IOException, InterruptedException {
        if (http2 == null) {
            if (!Files.exists(kubeconfig())) {
                return false;
            }
            http1 = ApiConnection.open(kubeconfig(), HttpClient.Version.HTTP_1_1);
            http2 = ApiConnection.open(kubeconfig(), HttpClient.Version.HTTP_2);
        }
        try {
            return connection(HttpClient.Version.HTTP_1_1).code("/readyz", READY_ANSWER_MAX) == 200;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        for (ApiConnection connection : new ApiConnection[] {http1, http2}) {
            if (connection != null) {
                connection.close();
            }
        }
        process.kill();
    }
}
