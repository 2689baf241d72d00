package io.keelson.kvstore.hostile;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.keelson.kvstore.api.HashKVRequest;
import io.keelson.kvstore.api.HashKVResponse;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.server.KvServer;
import io.keelson.kvstore.server.config.ServerConfig;
import io.keelson.raft.FreePorts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Three members in this process, on loopback and free ports, that do not wait for the disk. */
public final class LocalCluster implements AutoCloseable {
    private static final int MEMBERS = 3;
    private static final int START_SECONDS = 60;

    private final List<List<String>> flags = new ArrayList<>();
    private final List<KvServer> servers = new ArrayList<>();
    private final List<ManagedChannel> channels = new ArrayList<>();

    /** Starts the members, with flags besides those that make them a cluster, and returns when they serve. */
    public static LocalCluster start(Path directory, String... more) throws Exception {
        LocalCluster cluster = new LocalCluster(directory, List.of(more));
        try {
            cluster.open();
            return cluster;
        } catch (Exception e) {
            cluster.close();
            throw e;
        }
    }

    private LocalCluster(Path directory, List<String> more) {
        List<Integer> peerPorts = FreePorts.some(MEMBERS);
        String initial = IntStream.range(0, MEMBERS)
                .mapToObj(i -> "m" + i + "=http://127.0.0.1:" + peerPorts.get(i))
                .collect(Collectors.joining(","));
        for (int i = 0; i < MEMBERS; i++) {
            String peerUrl = "http://127.0.0.1:" + peerPorts.get(i);
            List<String> own = new ArrayList<>(List.of(
                    "--name=m" + i,
                    "--data-dir=" + directory.resolve("m" + i),
                    "--listen-client-urls=http://127.0.0.1:0",
                    "--advertise-client-urls=http://127.0.0.1:0",
                    "--listen-peer-urls=" + peerUrl,
                    "--initial-advertise-peer-urls=" + peerUrl,
                    "--initial-cluster=" + initial,
                    "--unsafe-no-fsync"));
            own.addAll(more);
            flags.add(own);
        }
    }

    private void open() throws Exception {
        List<CompletableFuture<KvServer>> starting = new ArrayList<>();
        for (List<String> own : flags) {
            CompletableFuture<KvServer> started = new CompletableFuture<>();
            Thread.ofPlatform().start(() -> {
                try {
                    started.complete(KvServer.start(ServerConfig.of(own.toArray(String[]::new))));
                } catch (Exception e) {
                    started.completeExceptionally(e);
                }
            });
            starting.add(started);
        }
        ExecutionException failure = null;
        for (CompletableFuture<KvServer> started : starting) {
            try {
                servers.add(started.get(START_SECONDS, TimeUnit.SECONDS));
            } catch (ExecutionException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
        for (KvServer server : servers) {
            channels.add(NettyChannelBuilder.forAddress(
                            "127.0.0.1", server.clientUrls().getFirst().port())
                    .usePlaintext()
                    .maxInboundMessageSize(Integer.MAX_VALUE)
                    .build());
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (servers.stream().noneMatch(KvServer::leading)) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("the members elect no leader");
            }
            Thread.sleep(10);
        }
    }

    public int size() {
        return servers.size();
    }

    public KvServer server(int member) {
        return servers.get(member);
    }

    public ManagedChannel channel(int member) {
        return channels.get(member);
    }

    /** Fails unless all members are in service and hold the same. */
    public void assertServingTheSame() throws InterruptedException {
        for (int i = 0; i < servers.size(); i++) {
            if (servers.get(i).stopped().isDone()) {
                throw new AssertionError(
                        "member " + i + " has left service: " + servers.get(i).stopped());
            }
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (true) {
            List<String> hashes = new ArrayList<>();
            for (ManagedChannel channel : channels) {
                hashes.add(hash(channel));
            }
            if (hashes.stream().distinct().count() == 1) {
                return;
            }
            // A member may not have applied the last entries yet; a difference that stays is one.
            if (System.nanoTime() > deadline) {
                throw new AssertionError("the members differ: " + hashes);
            }
            Thread.sleep(20);
        }
    }

    private static String hash(ManagedChannel channel) {
        try {
            HashKVResponse response = MaintenanceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(20, TimeUnit.SECONDS)
                    .hashKV(HashKVRequest.getDefaultInstance());
            return response.getHash() + " at " + response.getHeader().getRevision() + ", compacted "
                    + response.getCompactRevision();
        } catch (StatusRuntimeException e) {
            throw new AssertionError("a member gives no hash: " + e.getStatus(), e);
        }
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        servers.forEach(KvServer::close);
    }
}
