package io.keelson.apiserver.store;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.keelson.kvstore.server.KvServer;
import io.keelson.kvstore.server.config.ServerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A store for tests, of one member: our own in this process, or the etcd that {@code KEELSON_ETCD} names. */
public final class TestEtcd implements AutoCloseable {
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final Set<Integer> PORTS_GIVEN = ConcurrentHashMap.newKeySet();

    private final Channel channel;
    private final List<String> urls;
    private final List<Runnable> parts;

    private TestEtcd(Channel channel, List<String> urls, Runnable... parts) {
        this.channel = channel;
        this.urls = urls;
        this.parts = List.of(parts);
    }

    /** Our own, without a network between. */
    public static TestEtcd embedded(Path folder, String... moreFlags) throws Exception {
        int peer = freePort();
        List<String> flags = new ArrayList<>(List.of(
                "--data-dir=" + folder.resolve("store"),
                "--listen-client-urls=http://127.0.0.1:0",
                "--advertise-client-urls=http://127.0.0.1:0",
                "--listen-peer-urls=http://127.0.0.1:" + peer,
                "--initial-advertise-peer-urls=http://127.0.0.1:" + peer,
                "--initial-cluster=default=http://127.0.0.1:" + peer,
                "--unsafe-no-fsync"));
        for (String flag : moreFlags) {
            String name = flag.substring(0, flag.indexOf('=') + 1);
            flags.removeIf(known -> known.startsWith(name));
            flags.add(flag);
        }
        KvServer server = KvServer.start(ServerConfig.of(flags.toArray(String[]::new)));
        List<String> urls =
                server.clientUrls().stream().map(url -> url.toString()).toList();
        return new TestEtcd(server.channel(), urls, server::close);
    }

    /** A real one; the test is skipped where there is none. */
    public static TestEtcd real(Path folder) throws Exception {
        String program = System.getenv("KEELSON_ETCD");
        Assumptions.assumeTrue(
                program != null && Files.isExecutable(Path.of(program)), "KEELSON_ETCD names no real etcd");
        String client = "http://127.0.0.1:" + freePort();
        String peer = "http://127.0.0.1:" + freePort();
        Path log = folder.resolve("etcd.log");
        Process process = new ProcessBuilder(
                        String.valueOf(program),
                        "--data-dir=" + folder.resolve("etcd"),
                        "--listen-client-urls=" + client,
                        "--advertise-client-urls=" + client,
                        "--listen-peer-urls=" + peer,
                        "--initial-advertise-peer-urls=" + peer,
                        "--initial-cluster=default=" + peer,
                        "--log-level=warn",
                        "--unsafe-no-fsync")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        ManagedChannel channel = EtcdConnection.to(List.of(client)).open();
        TestEtcd etcd = new TestEtcd(channel, List.of(client), channel::shutdownNow, () -> {
            process.destroyForcibly();
            var _ = process.onExit().join();
        });
        EtcdStore probe =
                new EtcdStore(channel, StoreOptions.DEFAULT.withTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(1)));
        await("a real etcd", () -> {
            if (!process.isAlive()) {
                throw new AssertionError("etcd did not start:\n" + Files.readString(log));
            }
            try {
                return probe.revision() > 0;
            } catch (RuntimeException e) {
                return false;
            }
        });
        return etcd;
    }

    public Channel channel() {
        return channel;
    }

    /** Where it listens. */
    public List<String> urls() {
        return urls;
    }

    /** A port that was free a moment ago, and that was given to nobody before. */
    public static int freePort() throws IOException {
        while (true) {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                if (PORTS_GIVEN.add(socket.getLocalPort())) {
                    return socket.getLocalPort();
                }
            }
        }
    }

    /** Waits until something holds. */
    public static void await(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("did not happen in time: " + what);
            }
            Thread.sleep(5);
        }
    }

    @Override
    public void close() {
        parts.forEach(Runnable::run);
    }
}
