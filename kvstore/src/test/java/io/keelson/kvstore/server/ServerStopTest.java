package io.keelson.kvstore.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.ElectionGrpc;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.LeaderRequest;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LeaseKeepAliveRequest;
import io.keelson.kvstore.api.LockGrpc;
import io.keelson.kvstore.api.LockRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchGrpc;
import io.keelson.kvstore.api.WatchRequest;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What clients see of a member that stops in an orderly way. */
@Timeout(60)
class ServerStopTest {
    private static final Duration QUICKLY = Duration.ofSeconds(2);

    @TempDir
    Path folder = Path.of("");

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    /** Notes that something came, and how it ended. */
    private static final class Ended<T> implements StreamObserver<T> {
        final CompletableFuture<T> first = new CompletableFuture<>();
        final CompletableFuture<Status> end = new CompletableFuture<>();

        @Override
        public void onNext(T value) {
            first.complete(value);
        }

        @Override
        public void onError(Throwable failure) {
            end.complete(Status.fromThrowable(failure));
        }

        @Override
        public void onCompleted() {
            end.complete(Status.OK);
        }

        void assertStopped() throws Exception {
            Status status = end.get(10, TimeUnit.SECONDS);
            assertEquals(Status.Code.UNAVAILABLE, status.getCode(), status.toString());
            assertEquals("etcdserver: server stopped", status.getDescription());
        }

        void awaitFirst() throws InterruptedException, ExecutionException, java.util.concurrent.TimeoutException {
            var _ = first.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void everyStreamAndEveryCallThatWaitsEndsWithTheReason() throws Exception {
        KvServer server = TestServers.start(TestServers.loneMember(folder));
        int port = server.clientUrls().getFirst().port();
        ManagedChannel channel = Grpc.newChannelBuilder("127.0.0.1:" + port, InsecureChannelCredentials.create())
                .build();
        try (HttpClient http = HttpClient.newBuilder().version(Version.HTTP_1_1).build()) {
            Ended<Object> watch = new Ended<>();
            watchOf(channel, watch)
                    .onNext(WatchRequest.newBuilder()
                            .setCreateRequest(WatchCreateRequest.newBuilder().setKey(bytes("a")))
                            .build());
            watch.awaitFirst();
            long lease = LeaseGrpc.newBlockingStub(channel)
                    .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(100).build())
                    .getID();
            Ended<Object> keepAlive = new Ended<>();
            LeaseGrpc.newStub(channel)
                    .leaseKeepAlive(typed(keepAlive))
                    .onNext(LeaseKeepAliveRequest.newBuilder().setID(lease).build());
            keepAlive.awaitFirst();
            var _ = LockGrpc.newBlockingStub(channel)
                    .lock(LockRequest.newBuilder()
                            .setName(bytes("l"))
                            .setLease(lease)
                            .build());
            Ended<Object> lock = new Ended<>();
            long other = LeaseGrpc.newBlockingStub(channel)
                    .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(100).build())
                    .getID();
            LockGrpc.newStub(channel)
                    .lock(
                            LockRequest.newBuilder()
                                    .setName(bytes("l"))
                                    .setLease(other)
                                    .build(),
                            typed(lock));
            Ended<Object> observe = new Ended<>();
            ElectionGrpc.newStub(channel)
                    .observe(LeaderRequest.newBuilder().setName(bytes("e")).build(), typed(observe));
            HttpResponse<Stream<String>> json = http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v3/watch"))
                            .POST(HttpRequest.BodyPublishers.ofString("{\"create_request\":{\"key\":\""
                                    + Base64.getEncoder().encodeToString("a".getBytes(StandardCharsets.UTF_8))
                                    + "\"}}"))
                            .build(),
                    BodyHandlers.ofLines());
            Iterator<String> lines = json.body().iterator();
            assertTrue(lines.next().contains("\"created\":true"));
            TestServers.await(
                    "two to be in the queue for the lock",
                    () -> KVGrpc.newBlockingStub(channel)
                                    .range(RangeRequest.newBuilder()
                                            .setKey(bytes("l/"))
                                            .setRangeEnd(bytes("l0"))
                                            .build())
                                    .getCount()
                            == 2);

            long started = System.nanoTime();
            server.close();
            Duration took = Duration.ofNanos(System.nanoTime() - started);

            watch.assertStopped();
            keepAlive.assertStopped();
            lock.assertStopped();
            observe.assertStopped();
            String last = lines.next();
            assertTrue(last.contains("etcdserver: server stopped"), last);
            assertTrue(took.compareTo(QUICKLY) < 0, () -> "took " + took);
        } finally {
            channel.shutdownNow();
        }
    }

    @SuppressWarnings("unchecked")
    private static <T> StreamObserver<T> typed(Ended<Object> ended) {
        return (StreamObserver<T>) (StreamObserver<?>) ended;
    }

    private static StreamObserver<WatchRequest> watchOf(ManagedChannel channel, Ended<Object> ended) {
        return WatchGrpc.newStub(channel).watch(typed(ended));
    }

    /** Puts and reads of one client after the other, and what failed. */
    private static final class Client {
        private final ManagedChannel channel;
        private final AtomicInteger answered = new AtomicInteger();
        private final Queue<Status> failures = new ConcurrentLinkedQueue<>();
        private final Thread thread;
        private volatile boolean over;

        Client(String endpoint, String key) {
            channel = Grpc.newChannelBuilder(endpoint, InsecureChannelCredentials.create())
                    .build();
            thread = Thread.ofVirtual().start(() -> run(bytes(key)));
        }

        private void run(ByteString key) {
            PutRequest put = PutRequest.newBuilder().setKey(key).build();
            RangeRequest range = RangeRequest.newBuilder().setKey(key).build();
            while (!over) {
                try {
                    KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
                    long revision = kv.put(put).getHeader().getRevision();
                    assertEquals(revision, kv.range(range).getKvs(0).getModRevision());
                    answered.incrementAndGet();
                } catch (StatusRuntimeException e) {
                    failures.add(e.getStatus());
                    LockSupport.parkNanos(1_000_000);
                }
            }
        }

        void awaitProgress() throws Exception {
            int from = answered.get();
            TestServers.await("answers to a client", () -> answered.get() > from + 10);
        }

        List<Status> takeFailures() {
            List<Status> taken = new ArrayList<>();
            for (Status failure = failures.poll(); failure != null; failure = failures.poll()) {
                taken.add(failure);
            }
            return taken;
        }

        void end() throws InterruptedException {
            over = true;
            thread.join();
            channel.shutdownNow();
        }
    }

    @Test
    void aLeaderThatStopsLeavesNobodyWithoutAnAnswer() throws Exception {
        try (TestKvCluster cluster = TestKvCluster.started(folder)) {
            Map<String, List<Client>> clients = new TreeMap<>();
            try {
                for (String name : cluster.names()) {
                    List<Client> ofMember = clients.computeIfAbsent(name, _ -> new ArrayList<>());
                    for (int i = 0; i < 4; i++) {
                        ofMember.add(new Client(cluster.endpoint(name), name + "/" + i));
                    }
                }
                for (int round = 0; round < 2; round++) {
                    for (List<Client> ofMember : clients.values()) {
                        for (Client client : ofMember) {
                            client.awaitProgress();
                        }
                    }
                    String leader = cluster.awaitLeader();
                    cluster.stop(leader);
                    for (Map.Entry<String, List<Client>> ofMember : clients.entrySet()) {
                        for (Client client : ofMember.getValue()) {
                            if (ofMember.getKey().equals(leader)) {
                                client.takeFailures().forEach(ServerStopTest::assertNotTakenIn);
                            } else {
                                client.awaitProgress();
                                assertEquals(List.of(), client.takeFailures(), "at " + ofMember.getKey());
                            }
                        }
                    }
                    var _ = cluster.restart(leader);
                    for (Client client : Objects.requireNonNull(clients.get(leader))) {
                        client.awaitProgress();
                        client.takeFailures().forEach(ServerStopTest::assertNotTakenIn);
                    }
                }
            } finally {
                for (List<Client> ofMember : clients.values()) {
                    for (Client client : ofMember) {
                        client.end();
                    }
                }
            }
        }
    }

    /** There was nobody to connect to; what was taken in has been answered. */
    private static void assertNotTakenIn(Status failure) {
        assertEquals(Status.Code.UNAVAILABLE, failure.getCode(), failure.toString());
        assertTrue(failure.getCause() instanceof ConnectException, failure.toString());
    }

    @Test
    void connectionsThatAreIdleHoldNobodyUp() throws Exception {
        KvServer server = TestServers.start(TestServers.loneMember(folder));
        int port = server.clientUrls().getFirst().port();
        ManagedChannel grpc = Grpc.newChannelBuilder("127.0.0.1:" + port, InsecureChannelCredentials.create())
                .build();
        try (HttpClient one = HttpClient.newBuilder().version(Version.HTTP_1_1).build();
                Socket silent = new Socket(InetAddress.getLoopbackAddress(), port);
                Socket half = new Socket(InetAddress.getLoopbackAddress(), port)) {
            half.getOutputStream().write("GET /health HTT".getBytes(StandardCharsets.US_ASCII));
            var _ = KVGrpc.newBlockingStub(grpc)
                    .put(PutRequest.newBuilder().setKey(bytes("k")).build());
            assertEquals(
                    200,
                    one.send(
                                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health"))
                                            .build(),
                                    BodyHandlers.ofString())
                            .statusCode());

            long started = System.nanoTime();
            server.close();
            Duration took = Duration.ofNanos(System.nanoTime() - started);

            assertTrue(took.compareTo(QUICKLY) < 0, () -> "took " + took);
            for (Socket socket : new Socket[] {silent, half}) {
                BufferedReader reader =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
                assertEquals(null, reader.readLine());
            }
        } finally {
            grpc.shutdownNow();
        }
    }
}
