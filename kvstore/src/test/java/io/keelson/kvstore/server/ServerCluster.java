package io.keelson.kvstore.server;

import io.keelson.kvstore.server.config.ServerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Members of one cluster in this process, on loopback and free ports, with data that survives a stop. */
public final class ServerCluster implements AutoCloseable {
    private final Path folder;
    private final List<String> moreFlags;
    private final int[] clientPorts;
    private final int[] peerPorts;
    private final @Nullable KvServer[] servers;

    private ServerCluster(Path folder, int size, List<String> moreFlags) throws IOException {
        this.folder = folder;
        this.moreFlags = List.copyOf(moreFlags);
        clientPorts = new int[size];
        peerPorts = new int[size];
        servers = new KvServer[size];
        for (int i = 0; i < size; i++) {
            clientPorts[i] = TestServers.freePort();
            peerPorts[i] = TestServers.freePort();
        }
    }

    /** Starts all members, and returns when one leads. */
    public static ServerCluster start(Path folder, int size, String... moreFlags) throws Exception {
        ServerCluster cluster = new ServerCluster(folder, size, List.of(moreFlags));
        try {
            List<Thread> starting = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                int member = i;
                starting.add(Thread.ofPlatform().start(() -> cluster.startUnchecked(member)));
            }
            for (Thread thread : starting) {
                thread.join();
            }
            TestServers.await("a leader", () -> cluster.leader() >= 0);
            return cluster;
        } catch (Exception | AssertionError e) {
            cluster.close();
            throw e;
        }
    }

    private void startUnchecked(int member) {
        try {
            start(member);
        } catch (StartFailure e) {
            throw new AssertionError(e);
        }
    }

    /** Starts a member that is stopped. */
    public void start(int member) throws StartFailure {
        String initial = IntStream.range(0, peerPorts.length)
                .mapToObj(i -> "m" + i + "=http://127.0.0.1:" + peerPorts[i])
                .collect(Collectors.joining(","));
        List<String> flags = new ArrayList<>(List.of(
                "--name=m" + member,
                "--data-dir=" + folder.resolve("m" + member),
                "--listen-client-urls=http://" + endpoint(member),
                "--advertise-client-urls=http://" + endpoint(member),
                "--listen-peer-urls=http://127.0.0.1:" + peerPorts[member],
                "--initial-advertise-peer-urls=http://127.0.0.1:" + peerPorts[member],
                "--initial-cluster=" + initial));
        flags.addAll(moreFlags);
        KvServer server = KvServer.start(ServerConfig.of(flags.toArray(String[]::new)));
        synchronized (this) {
            servers[member] = server;
        }
    }

    /** Stops a member in an orderly way; its data stays. */
    public void stop(int member) {
        KvServer server;
        synchronized (this) {
            server = servers[member];
            servers[member] = null;
        }
        if (server != null) {
            server.close();
        }
    }

    public int size() {
        return clientPorts.length;
    }

    /** A member that runs. */
    public synchronized KvServer server(int member) {
        return Objects.requireNonNull(servers[member], "the member is stopped");
    }

    /** Which member leads; -1 if none does at this moment. */
    public synchronized int leader() {
        for (int i = 0; i < servers.length; i++) {
            KvServer server = servers[i];
            if (server != null && server.leading()) {
                return i;
            }
        }
        return -1;
    }

    /** Where clients reach a member, as {@code host:port}. */
    public String endpoint(int member) {
        return "127.0.0.1:" + clientPorts[member];
    }

    /** Where clients reach all members. */
    public List<String> endpoints() {
        return IntStream.range(0, size()).mapToObj(this::endpoint).toList();
    }

    @Override
    public void close() {
        List<Thread> closing = Arrays.stream(servers)
                .filter(Objects::nonNull)
                .map(server -> Thread.ofPlatform().start(server::close))
                .toList();
        for (Thread thread : closing) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
