package io.keelson.kvstore.watch;

import static io.keelson.kvstore.watch.HubFixture.watch;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.WatchCancelRequest;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchGrpc;
import io.keelson.kvstore.api.WatchProgressRequest;
import io.keelson.kvstore.api.WatchRequest;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.kvstore.errors.EtcdError;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The service over gRPC: in this process, and over a socket where flow control is the real one. */
class WatchServiceTest {
    private static final int PATIENCE_SECONDS = 30;

    private final EventLog log = new EventLog();
    private final WatchHub hub = WatchHub.start(log, WatchConfig.defaults(), HubFixture.ORIGIN);
    private final AtomicBoolean leader = new AtomicBoolean(true);
    private final WatchService service = new WatchService(hub, (call, headers) -> WatchAuthorizer.OPEN, leader::get);
    private final List<Server> servers = new ArrayList<>();
    private final List<ManagedChannel> channels = new ArrayList<>();

    @AfterEach
    void stop() throws InterruptedException {
        channels.forEach(ManagedChannel::shutdownNow);
        hub.close();
        for (Server server : servers) {
            assertTrue(server.shutdownNow().awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
    }

    private WatchGrpc.WatchStub inProcess() throws IOException {
        String name = InProcessServerBuilder.generateName();
        servers.add(
                InProcessServerBuilder.forName(name).addService(service).build().start());
        ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
        channels.add(channel);
        return WatchGrpc.newStub(channel);
    }

    private void put(String key, String value) {
        hub.committed(List.of(log.put(key, value)));
    }

    /** A client's end of a stream, reading as fast as it is told to. */
    private static final class Client implements ClientResponseObserver<WatchRequest, WatchResponse> {
        private final BlockingQueue<WatchResponse> responses = new LinkedBlockingQueue<>();
        private final BlockingQueue<Status> end = new LinkedBlockingQueue<>();
        private final boolean reading;
        private @Nullable ClientCallStreamObserver<WatchRequest> requests;

        Client(WatchGrpc.WatchStub stub, boolean reading) {
            this.reading = reading;
            var _ = stub.watch(this);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<WatchRequest> stream) {
            requests = stream;
            if (!reading) {
                stream.disableAutoRequestWithInitial(0);
            }
        }

        @Override
        public void onNext(WatchResponse response) {
            responses.add(response);
        }

        @Override
        public void onError(Throwable failure) {
            end.add(Status.fromThrowable(failure));
        }

        @Override
        public void onCompleted() {
            end.add(Status.OK);
        }

        private ClientCallStreamObserver<WatchRequest> requests() {
            ClientCallStreamObserver<WatchRequest> present = requests;
            assertNotNull(present);
            return present;
        }

        void create(WatchCreateRequest.Builder request) {
            requests()
                    .onNext(WatchRequest.newBuilder().setCreateRequest(request).build());
        }

        WatchResponse next() throws InterruptedException {
            WatchResponse response = responses.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertNotNull(response, "a response in time");
            return response;
        }

        Status ending() throws InterruptedException {
            Status status = end.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertNotNull(status, "an end in time");
            return status;
        }
    }

    @Test
    void servesAClientFromCreationToCancel() throws IOException, InterruptedException {
        Client client = new Client(inProcess(), true);
        client.create(watch("k").setPrevKv(true));
        assertTrue(client.next().getCreated());
        put("k", "1");
        put("x", "1");
        WatchResponse seen = client.next();
        assertEquals(log.events().getFirst(), seen.getEvents(0));
        client.requests()
                .onNext(WatchRequest.newBuilder()
                        .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                        .build());
        WatchResponse progress = client.next();
        assertEquals(-1, progress.getWatchId());
        assertEquals(3, progress.getHeader().getRevision());
        client.requests()
                .onNext(WatchRequest.newBuilder()
                        .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(0))
                        .build());
        assertTrue(client.next().getCanceled());
        assertEquals(0, hub.watchers());
    }

    @Test
    void goesOnForAClientThatWillAskForNothingMore() throws IOException, InterruptedException {
        Client client = new Client(inProcess(), true);
        client.create(watch("k"));
        client.requests().onCompleted();
        assertTrue(client.next().getCreated());
        put("k", "1");
        assertEquals(1, client.next().getEventsCount());
        assertNull(client.end.peek());
    }

    @Test
    void forgetsAClientThatGoesAway() throws IOException, InterruptedException {
        Client client = new Client(inProcess(), true);
        client.create(watch("k"));
        assertTrue(client.next().getCreated());
        client.requests().cancel("gone", null);
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (hub.streams() > 0 || hub.watchers() > 0) {
            assertTrue(System.nanoTime() < deadlineNs, "the stream is forgotten in time");
            Thread.onSpinWait();
        }
    }

    @Test
    void endsStreamsThatRequireALeaderWhenThereIsNone() throws IOException, InterruptedException {
        Metadata require = new Metadata();
        require.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");
        WatchGrpc.WatchStub stub = inProcess().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(require));
        Client client = new Client(stub, true);
        client.create(watch("k"));
        assertTrue(client.next().getCreated());
        leader.set(false);
        hub.leaderLost();
        Status lost = client.ending();
        assertEquals(Status.Code.UNAVAILABLE, lost.getCode());
        assertEquals("etcdserver: no leader", lost.getDescription());
        assertEquals("etcdserver: no leader", new Client(stub, true).ending().getDescription());
    }

    @Test
    void endsEveryStreamWhenTheServerStops() throws IOException, InterruptedException {
        Client client = new Client(inProcess(), true);
        client.create(watch("k"));
        assertTrue(client.next().getCreated());
        hub.close();
        Status stopped = client.ending();
        assertEquals(Status.Code.UNAVAILABLE, stopped.getCode());
        assertEquals("etcdserver: server stopped", stopped.getDescription());
        assertThrows(RuntimeException.class, () -> hub.open(new RecordingReceiver(), WatchAuthorizer.OPEN, false));
    }

    @Test
    void aCallThatIsNotAuthenticatedEndsWithTheReason() throws IOException, InterruptedException {
        String name = InProcessServerBuilder.generateName();
        WatchService closed = new WatchService(
                hub,
                (call, headers) -> {
                    throw EtcdError.INVALID_AUTH_TOKEN.exception();
                },
                leader::get);
        servers.add(
                InProcessServerBuilder.forName(name).addService(closed).build().start());
        ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
        channels.add(channel);
        Client client = new Client(WatchGrpc.newStub(channel), true);
        Status status = client.ending();
        assertEquals(Status.Code.UNAUTHENTICATED, status.getCode());
        assertEquals("etcdserver: invalid auth token", status.getDescription());
    }

    @Test
    void aClientThatStopsReadingOverASocketHoldsNoMemoryAndOthersDoNotNotice()
            throws IOException, InterruptedException {
        AtomicLong slowBytes = new AtomicLong();
        servers.add(NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(service)
                .addStreamTracerFactory(new ServerStreamTracer.Factory() {
                    @Override
                    public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
                        boolean slow = headers.containsKey(SLOW);
                        return new ServerStreamTracer() {
                            @Override
                            public void outboundUncompressedSize(long bytes) {
                                if (slow) {
                                    slowBytes.addAndGet(bytes);
                                }
                            }
                        };
                    }
                })
                .build()
                .start());
        int port = servers.getFirst().getPort();
        Metadata slowHeaders = new Metadata();
        slowHeaders.put(SLOW, "yes");
        Client slow =
                new Client(stub(port).withInterceptors(MetadataUtils.newAttachHeadersInterceptor(slowHeaders)), false);
        WatchCreateRequest.Builder request = watch("k", "l");
        slow.create(request);
        slow.requests().request(1);
        WatchValidator slowValidator = new WatchValidator(request.build());
        slowValidator.accept(slow.next());
        Client quick = new Client(stub(port), true);
        quick.create(request);
        WatchValidator quickValidator = new WatchValidator(request.build());
        quickValidator.accept(quick.next());

        int revisions = 20_000;
        String value = "v".repeat(2_000);
        for (int i = 0; i < revisions; i++) {
            put("k" + i % 50, value);
        }
        List<Event> history = log.events();
        long last = log.currentRevision();
        while (quickValidator.received().isEmpty() || quickValidator.closedRevision() < last) {
            quickValidator.accept(quick.next());
        }
        quickValidator.complete(history, last);
        assertTrue(
                slowBytes.get() < 3_000_000,
                () -> "of 40 MB only what fits the buffers was given to the slow client: " + slowBytes);
        assertEquals(1, hub.slowWatchers());

        while (slowValidator.closedRevision() < last) {
            slow.requests().request(1);
            slowValidator.accept(slow.next());
        }
        slowValidator.complete(history, last);
    }

    private static final Metadata.Key<String> SLOW = Metadata.Key.of("slow", Metadata.ASCII_STRING_MARSHALLER);

    private WatchGrpc.WatchStub stub(int port) {
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .usePlaintext()
                .maxInboundMessageSize(64 << 20)
                .build();
        channels.add(channel);
        return WatchGrpc.newStub(channel);
    }
}
