package io.keelson.kvstore.server;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.server.config.ServerConfig;
import io.keelson.raft.FreePorts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Members in this process, on loopback, each with a data directory and ports that stay its own when it starts again. */
public final class TestKvCluster implements AutoCloseable {
    private final Path folder;
    private final List<String> commonFlags;
    private final String peerScheme;
    private final TreeMap<String, Place> places = new TreeMap<>();
    private final TreeMap<String, KvServer> running = new TreeMap<>();

    private record Place(int clientPort, int peerPort) {}

    /**
     * Starts nothing yet.
     *
     * @param peerScheme http or https
     * @param commonFlags for every member; they win over those set here, of which one is {@code --unsafe-no-fsync}
     */
    TestKvCluster(Path folder, String peerScheme, String... commonFlags) {
        this.folder = folder;
        this.peerScheme = peerScheme;
        this.commonFlags = List.of(commonFlags);
    }

    /** Three members {@code m1}, {@code m2}, {@code m3} over plaintext, with a leader. */
    public static TestKvCluster started(Path folder, String... commonFlags) throws Exception {
        TestKvCluster cluster = new TestKvCluster(folder, "http", commonFlags);
        cluster.startNew("m1", "m2", "m3");
        return cluster;
    }

    /** Starts the first members of a new cluster together, and waits for a leader. */
    void startNew(String... names) throws Exception {
        for (String name : names) {
            place(name);
        }
        String initial = initialCluster(List.of(names));
        try (var scope = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
            List<java.util.concurrent.Future<KvServer>> starts = new ArrayList<>();
            for (String name : names) {
                starts.add(scope.submit(() -> KvServer.start(config(name, initial, "new", List.of()))));
            }
            for (int i = 0; i < names.length; i++) {
                running.put(names[i], starts.get(i).get());
            }
        }
        var _ = awaitLeader();
    }

    private Place place(String name) {
        Place known = places.get(name);
        if (known == null) {
            known = new Place(FreePorts.one(), FreePorts.one());
            places.put(name, known);
        }
        return known;
    }

    private String initialCluster(List<String> names) {
        return names.stream().map(name -> name + "=" + peerUrl(name)).collect(Collectors.joining(","));
    }

    /** The peer URL a member has or, if it is new, will have. */
    String peerUrl(String name) {
        return peerScheme + "://127.0.0.1:" + place(name).peerPort();
    }

    /** Where clients reach a member, as {@code host:port}. */
    public String endpoint(String name) {
        return "127.0.0.1:" + java.util.Objects.requireNonNull(places.get(name)).clientPort();
    }

    Path dataDir(String name) {
        return folder.resolve(name);
    }

    private ServerConfig config(String name, String initial, String state, List<String> more) {
        Place place = place(name);
        List<String> flags = new ArrayList<>(List.of(
                "--name=" + name,
                "--data-dir=" + dataDir(name),
                "--listen-client-urls=http://127.0.0.1:" + place.clientPort(),
                "--advertise-client-urls=http://127.0.0.1:" + place.clientPort(),
                "--listen-peer-urls=" + peerUrl(name),
                "--initial-advertise-peer-urls=" + peerUrl(name),
                "--initial-cluster=" + initial,
                "--initial-cluster-state=" + state,
                "--unsafe-no-fsync"));
        flags.addAll(commonFlags);
        flags.addAll(more);
        return ServerConfig.of(flags.toArray(String[]::new));
    }

    /** Starts a member again that has been started before, perhaps with more flags. */
    public KvServer restart(String name, String... more) throws Exception {
        KvServer server =
                KvServer.start(config(name, initialCluster(List.copyOf(places.keySet())), "new", List.of(more)));
        running.put(name, server);
        return server;
    }

    /** Starts a member that was added to the cluster, perhaps with flags that take the place of the common ones. */
    KvServer join(String name, List<String> allNames, String... more) throws Exception {
        KvServer server = KvServer.start(config(name, initialCluster(allNames), "existing", List.of(more)));
        running.put(name, server);
        return server;
    }

    /** Ends a member in an orderly way. */
    public void stop(String name) {
        KvServer server = running.remove(name);
        if (server != null) {
            server.close();
        }
    }

    public List<String> names() {
        return List.copyOf(running.keySet());
    }

    public KvServer server(String name) {
        return java.util.Objects.requireNonNull(running.get(name), name);
    }

    /** The services of a member, without a network between. */
    ManagedChannel channel(String name) {
        return server(name).channel();
    }

    KVGrpc.KVBlockingStub kv(String name) {
        return KVGrpc.newBlockingStub(channel(name)).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    /** The name of the member that leads, once one does and all who run know it. */
    public String awaitLeader() throws Exception {
        String[] leader = {""};
        TestServers.await("a leader that everybody knows", () -> {
            List<String> leading =
                    names().stream().filter(name -> server(name).leading()).toList();
            if (leading.size() != 1) {
                return false;
            }
            leader[0] = leading.getFirst();
            for (String name : names()) {
                try {
                    var _ = KVGrpc.newBlockingStub(channel(name))
                            .withDeadlineAfter(2, TimeUnit.SECONDS)
                            .range(RangeRequest.newBuilder()
                                    .setKey(com.google.protobuf.ByteString.copyFromUtf8("x"))
                                    .build());
                } catch (StatusRuntimeException e) {
                    if (e.getStatus().getDescription() != null
                            && e.getStatus().getDescription().contains("not supported for learner")) {
                        continue;
                    }
                    return false;
                }
            }
            return true;
        });
        return leader[0];
    }

    /** The names of members that run and do not lead. */
    List<String> followers() throws Exception {
        String leader = awaitLeader();
        return names().stream().filter(name -> !name.equals(leader)).toList();
    }

    /** Whether a failure says that its request may be sent again: nobody led, or the member went. */
    static boolean passing(StatusRuntimeException failure) {
        return failure.getStatus().getCode() == Status.Code.UNAVAILABLE;
    }

    @Override
    public void close() {
        List<Thread> closing = names().stream()
                .map(name -> Thread.ofPlatform().start(() -> server(name).close()))
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
