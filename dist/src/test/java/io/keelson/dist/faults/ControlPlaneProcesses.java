package io.keelson.dist.faults;

import io.keelson.kvstore.faults.Apart;
import io.keelson.kvstore.faults.ClusterProcesses;
import io.keelson.kvstore.faults.MemberProcess;
import io.keelson.raft.FreePorts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Three members of a store and two API servers that use it, on this machine's loopback device. */
final class ControlPlaneProcesses implements AutoCloseable {
    private static final int API_SERVERS = 2;
    private static final long LOOK_MS = 50;
    private static final int START_SECONDS = 180;

    private final ClusterProcesses store;
    private final List<ApiServerProcess> apiServers = new ArrayList<>();
    private int restarts;

    /**
     * Nothing of it is started yet.
     *
     * @param command of {@code keelson}; {@code kvstore} or {@code apiserver} and flags are added
     */
    ControlPlaneProcesses(Path folder, List<String> command) throws IOException {
        store = new ClusterProcesses(folder.resolve("store"), with(command, "kvstore"), Apart.NOTHING);
        List<String> urls = store.members().stream()
                .map(member -> "http://" + member.clientEndpoint())
                .toList();
        List<Integer> ports = FreePorts.some(API_SERVERS);
        for (int i = 0; i < API_SERVERS; i++) {
            apiServers.add(new ApiServerProcess(
                    i,
                    ports.get(i),
                    folder.resolve("api" + i),
                    folder.resolve("pki"),
                    urls,
                    with(command, "apiserver")));
        }
    }

    private static List<String> with(List<String> command, String subcommand) {
        return Stream.concat(command.stream(), Stream.of(subcommand)).toList();
    }

    /** Starts everything, and returns when it is ready. */
    void start() throws IOException, InterruptedException {
        startStore();
        store.awaitHealthy(START_SECONDS);
        // The first makes the keys that the others use, too.
        for (ApiServerProcess server : apiServers) {
            server.start();
            awaitReady(server, START_SECONDS);
        }
    }

    ClusterProcesses store() {
        return store;
    }

    List<ApiServerProcess> apiServers() {
        return apiServers;
    }

    ApiServerProcess apiServer(int number) {
        return apiServers.get(number);
    }

    void startStore() throws IOException, InterruptedException {
        for (MemberProcess member : store.members()) {
            store.start(member);
        }
    }

    /** Waits until all members take writes and all API servers say that they are ready. */
    void awaitHealthy(int seconds) throws IOException, InterruptedException {
        store.awaitHealthy(seconds);
        for (ApiServerProcess server : apiServers) {
            awaitReady(server, seconds);
        }
    }

    /** A server that has ended, because there was no store when it was started, is started again. */
    private void awaitReady(ApiServerProcess server, int seconds) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!server.ready()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(
                        "API server " + server.number() + (server.alive() ? " is not ready" : " has ended") + " after "
                                + seconds + " s; its log: " + server.log());
            }
            if (!server.alive()) {
                restarts++;
                server.start();
            }
            Thread.sleep(LOOK_MS);
        }
    }

    /** How often an API server had ended by itself. */
    int restarts() {
        return restarts;
    }

    @Override
    public void close() {
        apiServers.forEach(ApiServerProcess::close);
        store.close();
    }
}
