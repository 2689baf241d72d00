package io.keelson.kvstore.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LeaseKeepAliveRequest;
import io.keelson.kvstore.api.LeaseKeepAliveResponse;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.PutResponse;
import io.keelson.kvstore.api.WatchGrpc;
import io.keelson.kvstore.api.WatchRequest;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.kvstore.gateway.HttpExchange;
import io.keelson.kvstore.server.config.ServerConfig;
import io.keelson.kvstore.server.net.ClientListeners;
import io.keelson.kvstore.server.net.EventLoops;
import io.keelson.kvstore.server.net.HalfSentRequests;
import io.keelson.kvstore.server.net.UnreadAnswers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests that are never completed, of every protocol, at listeners that have little room for them. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HalfSentClientsTest {
    private static final int ROOM_BYTES = 4 << 20;
    private static final int FRAME_BYTES = 16_000;
    private static final int CALMLY = 11;
    private static final String PUT = "/" + KVGrpc.getPutMethod().getFullMethodName();

    private final AtomicLong now = new AtomicLong();
    private final HalfSentRequests halfSent = new HalfSentRequests(ROOM_BYTES, now::incrementAndGet);
    private final LinkedBlockingQueue<HttpExchange> waiting = new LinkedBlockingQueue<>();
    private final EventLoops loops = new EventLoops();
    private @Nullable ClientListeners listeners;
    private Target target = new Target("127.0.0.1", 1);
    private @Nullable ManagedChannel channel;

    /** Answers puts. */
    private static final class Puts extends KVGrpc.KVImplBase {
        @Override
        public void put(PutRequest request, StreamObserver<PutResponse> client) {
            client.onNext(PutResponse.getDefaultInstance());
            client.onCompleted();
        }
    }

    /** Takes all there is, and says nothing. */
    private static final class Watches extends WatchGrpc.WatchImplBase {
        @Override
        public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> client) {
            return new StreamObserver<>() {
                @Override
                public void onNext(WatchRequest request) {
                    client.onNext(WatchResponse.getDefaultInstance());
                }

                @Override
                public void onError(Throwable error) {}

                @Override
                public void onCompleted() {
                    client.onCompleted();
                }
            };
        }
    }

    /** Asks for nothing. */
    private static final class Leases extends LeaseGrpc.LeaseImplBase {
        @Override
        public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(StreamObserver<LeaseKeepAliveResponse> client) {
            ((ServerCallStreamObserver<LeaseKeepAliveResponse>) client).disableAutoRequest();
            return new StreamObserver<>() {
                @Override
                public void onNext(LeaseKeepAliveRequest request) {}

                @Override
                public void onError(Throwable error) {}

                @Override
                public void onCompleted() {}
            };
        }
    }

    @BeforeEach
    void start() throws IOException {
        ServerConfig config = ServerConfig.of(
                "--listen-client-urls=http://127.0.0.1:0", "--advertise-client-urls=http://127.0.0.1:0");
        ClientListeners made = new ClientListeners(
                config,
                loops,
                List.of(new Puts().bindService(), new Watches().bindService(), new Leases().bindService()),
                List.of(),
                List.of(),
                new UnreadAnswers(1 << 30, System::nanoTime),
                halfSent);
        listeners = made;
        made.startClients(waiting::add);
        int port = made.clientUrls().getFirst().port();
        target = new Target("127.0.0.1", port);
        channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    }

    @AfterEach
    void stop() {
        if (channel != null) {
            channel.shutdownNow();
        }
        if (listeners != null) {
            listeners.close();
        }
        loops.close();
    }

    private static void until(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.call()) {
            assertTrue(System.nanoTime() < deadline, () -> "did not happen in time: " + what);
            Thread.sleep(5);
        }
    }

    /**
     * A client that behaves is served although there is no room, if it comes a while after those who took it.
     *
     * @param takers who took it, with something that may still be on its way
     */
    private void assertServed(RawConnection... takers) throws IOException {
        if (channel == null) {
            throw new IllegalStateException("not started");
        }
        for (RawConnection taker : takers) {
            taker.awaitTaken();
        }
        PutRequest large = PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("k"))
                .setValue(ByteString.copyFrom(new byte[1 << 20]))
                .build();
        now.addAndGet(TimeUnit.SECONDS.toNanos(2));
        PutResponse answer = KVGrpc.newBlockingStub(channel)
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .put(large);
        assertEquals(PutResponse.getDefaultInstance(), answer);
        assertBounded();
    }

    /** A piece comes first, and then room is made for it. */
    private void assertBounded() {
        long bytes = halfSent.bytes();
        assertTrue(bytes <= ROOM_BYTES + FRAME_BYTES + 1_000, () -> bytes + " bytes are kept");
    }

    private static RawConnection opened(Target target) throws IOException {
        RawConnection connection = new RawConnection(target);
        connection.preface(Attack.NO_SETTINGS);
        return connection;
    }

    private static void headers(RawConnection connection, int stream, String path) throws IOException {
        connection.send(RawConnection.frame(
                RawConnection.HEADERS, RawConnection.END_HEADERS, stream, RawConnection.callHeaders(path)));
    }

    /** The beginning of a message of 1 MiB. */
    private static void half(RawConnection connection, int stream, int bytes) throws IOException {
        byte[] piece = RawConnection.message(new byte[FRAME_BYTES - 5]);
        java.nio.ByteBuffer.wrap(piece).putInt(1, 1 << 20);
        for (int sent = 0; sent < bytes; sent += FRAME_BYTES) {
            connection.send(RawConnection.frame(RawConnection.DATA, 0, stream, piece));
            piece = new byte[FRAME_BYTES];
        }
    }

    @Test
    void partsOfMessagesAreBoundedOverAllConnections() throws Exception {
        List<RawConnection> attackers = new ArrayList<>();
        try {
            for (int i = 0; i < 5; i++) {
                RawConnection attacker = opened(target);
                attackers.add(attacker);
                for (int call = 0; call < 10; call++) {
                    headers(attacker, 2 * call + 1, PUT);
                    half(attacker, 2 * call + 1, 320_000);
                    assertBounded();
                }
                assertServed(attacker);
            }
            until(
                    "the first call is reset",
                    () -> attackers.getFirst().resets(50).containsKey(1));
            assertEquals(CALMLY, attackers.getFirst().resets(1).get(1), "which clients read as RESOURCE_EXHAUSTED");
            assertFalse(attackers.getLast().resets(50).containsKey(19), "the newest is not touched");
        } finally {
            for (RawConnection attacker : attackers) {
                attacker.close();
            }
        }
        until("nothing is kept", () -> halfSent.bytes() == 0);
    }

    /** gRPC hands a message over only when its client has said that it was the only one. */
    @Test
    void aWholeMessageOfACallThatDoesNotEndIsHalfSentToo() throws Exception {
        try (RawConnection attacker = opened(target)) {
            byte[] message = RawConnection.message(new byte[FRAME_BYTES]);
            for (int call = 0; call < 400; call++) {
                headers(attacker, 2 * call + 1, PUT);
                attacker.send(RawConnection.frame(RawConnection.DATA, 0, 2 * call + 1, message));
            }
            until("the first call is reset", () -> attacker.resets(50).containsKey(1));
            assertServed(attacker);
        }
    }

    @Test
    void headersOfCallsThatSendNothingAreBounded() throws Exception {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.writeBytes(RawConnection.callHeaders(PUT));
        for (int i = 0; i < 120; i++) {
            RawConnection.literal(block, "x-" + i, "y".repeat(120));
        }
        try (RawConnection attacker = opened(target)) {
            for (int call = 0; call < 400; call++) {
                attacker.send(RawConnection.frame(
                        RawConnection.HEADERS, RawConnection.END_HEADERS, 2 * call + 1, block.toByteArray()));
            }
            until("calls are reset", () -> !attacker.resets(50).isEmpty());
            assertServed(attacker);
        }
    }

    @Test
    void wholeMessagesThatTheirServiceDoesNotAskForAreBounded() throws Exception {
        byte[] message = RawConnection.message(new byte[FRAME_BYTES - 5]);
        List<RawConnection> attackers = new ArrayList<>();
        try {
            for (int i = 0; i < 10; i++) {
                RawConnection attacker = opened(target);
                attackers.add(attacker);
                headers(attacker, 1, "/" + LeaseGrpc.getLeaseKeepAliveMethod().getFullMethodName());
                for (int sent = 0; sent < 900_000; sent += FRAME_BYTES) {
                    attacker.send(RawConnection.frame(RawConnection.DATA, 0, 1, message));
                }
            }
            until("the first is reset", () -> attackers.getFirst().resets(50).containsKey(1));
            assertServed(attackers.toArray(RawConnection[]::new));
        } finally {
            for (RawConnection attacker : attackers) {
                attacker.close();
            }
        }
    }

    @Test
    void aMessageWhoseRestDoesNotComeInTimeIsResetAndAnIdleStreamIsNot() throws Exception {
        try (RawConnection slow = opened(target)) {
            headers(slow, 1, PUT);
            headers(slow, 3, "/" + WatchGrpc.getWatchMethod().getFullMethodName());
            headers(slow, 5, "/" + WatchGrpc.getWatchMethod().getFullMethodName());
            slow.send(RawConnection.frame(RawConnection.DATA, 0, 5, RawConnection.message(Attack.NOTHING)));
            half(slow, 1, FRAME_BYTES);
            until("it has come", () -> halfSent.bytes() > FRAME_BYTES);
            now.addAndGet(TimeUnit.SECONDS.toNanos(31));
            until("it is reset", () -> slow.resets(50).containsKey(1));
            assertEquals(Map.of(1, CALMLY), slow.resets(1));
            // What was idle is still there.
            slow.send(RawConnection.frame(RawConnection.DATA, 0, 3, RawConnection.message(Attack.NOTHING)));
            slow.send(RawConnection.frame(
                    RawConnection.DATA, RawConnection.END_STREAM, 5, RawConnection.message(Attack.NOTHING)));
            assertServed();
            assertEquals(Map.of(1, CALMLY), slow.resets(100));
        }
    }

    @Test
    void aClientReadsThatItsRequestWasGivenUp() throws Exception {
        if (channel == null) {
            throw new IllegalStateException("not started");
        }
        LinkedBlockingQueue<Status> ends = new LinkedBlockingQueue<>();
        // As a stream of puts: nobody says for it that the first message was the last.
        ClientCall<PutRequest, PutResponse> unending = channel.newCall(
                KVGrpc.getPutMethod().toBuilder()
                        .setType(MethodType.BIDI_STREAMING)
                        .build(),
                CallOptions.DEFAULT);
        unending.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ends.add(status);
                    }
                },
                new Metadata());
        unending.sendMessage(PutRequest.newBuilder()
                .setValue(ByteString.copyFrom(new byte[1 << 20]))
                .build());
        until("it has come", () -> halfSent.bytes() > 1 << 20);
        now.addAndGet(TimeUnit.SECONDS.toNanos(2));
        try (RawConnection attacker = opened(target)) {
            for (int call = 0; call < 10; call++) {
                headers(attacker, 2 * call + 1, PUT);
                half(attacker, 2 * call + 1, 400_000);
            }
            Status end = ends.poll(10, TimeUnit.SECONDS);
            assertTrue(end != null && end.getCode() == Status.Code.RESOURCE_EXHAUSTED, () -> "ended with " + end);
        }
    }

    private static byte[] postHeaders() {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(0x83); // :method POST
        block.write(0x86); // :scheme http
        RawConnection.literal(block, ":path", "/v3/kv/put");
        RawConnection.literal(block, ":authority", "localhost");
        RawConnection.literal(block, "content-type", "application/json");
        return block.toByteArray();
    }

    @Test
    void bodiesOverHttpTwoAreBoundedAndThoseThatWaitForAThreadCount() throws Exception {
        try (RawConnection attacker = opened(target)) {
            for (int i = 0; i < 20; i++) {
                int stream = 2 * i + 1;
                attacker.send(
                        RawConnection.frame(RawConnection.HEADERS, RawConnection.END_HEADERS, stream, postHeaders()));
                for (int sent = 0; sent < 320_000; sent += FRAME_BYTES) {
                    attacker.send(RawConnection.frame(RawConnection.DATA, 0, stream, new byte[FRAME_BYTES]));
                }
            }
            until("the first is answered", () -> attacker.resets(50).containsKey(1));
            assertFalse(attacker.resets(1).containsKey(39), "the newest is not touched");
            attacker.send(RawConnection.frame(RawConnection.DATA, RawConnection.END_STREAM, 39, new byte[0]));
            HttpExchange whole = waiting.poll(10, TimeUnit.SECONDS);
            if (whole == null) {
                throw new AssertionError("the newest was not handed on");
            }
            long before = halfSent.bytes();
            assertEquals(320_000, whole.body().length);
            assertTrue(halfSent.bytes() <= before - 320_000, "what was read is no longer kept");
            whole.respond(200, Map.of(), new byte[0]);
            assertServed();
        }
        until("nothing is kept", () -> halfSent.bytes() == 0);
    }

    /** Else a client could fill the queue with large requests that it takes back as soon as they are sent. */
    @Test
    void whatWaitsForAThreadCountsAlthoughItsClientHasGone() throws Exception {
        try (RawConnection two = opened(target);
                RawConnection one = new RawConnection(target)) {
            two.send(RawConnection.frame(RawConnection.HEADERS, RawConnection.END_HEADERS, 1, postHeaders()));
            two.send(RawConnection.frame(RawConnection.DATA, RawConnection.END_STREAM, 1, new byte[FRAME_BYTES]));
            one.send("POST /v3/kv/put HTTP/1.1\r\nHost: a\r\nContent-Length: " + FRAME_BYTES + "\r\n\r\n");
            one.send(new byte[FRAME_BYTES]);
            until("both wait", () -> waiting.size() == 2);
        }
        LinkedBlockingQueue<HttpExchange> left = new LinkedBlockingQueue<>();
        waiting.forEach(exchange -> exchange.onClosed(() -> left.add(exchange)));
        until("both clients have gone", () -> left.size() == 2);
        assertTrue(halfSent.bytes() > 2 * FRAME_BYTES, () -> halfSent.bytes() + " bytes are kept");
        assertEquals(FRAME_BYTES, left.take().body().length);
        left.take().respond(429, Map.of(), new byte[0]);
        assertEquals(0, halfSent.bytes());
    }

    @Test
    void bodiesOverHttpOneAreBoundedAndThoseThatWaitForAThreadCount() throws Exception {
        List<RawConnection> attackers = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                now.addAndGet(TimeUnit.MILLISECONDS.toNanos(1_100));
                RawConnection attacker = new RawConnection(target);
                attackers.add(attacker);
                long before = halfSent.bytes();
                attacker.send("POST /v3/kv/put HTTP/1.1\r\nHost: a\r\nContent-Length: 320001\r\n\r\n");
                attacker.send(new byte[320_000]);
                until("it has come", () -> halfSent.bytes() < before || halfSent.bytes() >= before + 320_000);
            }
            assertTrue(attackers.getFirst().closedWithin(5_000), "the oldest is closed");
            assertServed();
            attackers.getLast().send(" ");
            HttpExchange whole = waiting.poll(10, TimeUnit.SECONDS);
            if (whole == null) {
                throw new AssertionError("the newest was not handed on");
            }
            long before = halfSent.bytes();
            assertEquals(320_001, whole.body().length);
            assertTrue(halfSent.bytes() <= before - 320_000, "what was read is no longer kept");
            whole.respond(200, Map.of(), "well".getBytes(StandardCharsets.US_ASCII));
        } finally {
            for (RawConnection attacker : attackers) {
                attacker.close();
            }
        }
        until("nothing is kept", () -> halfSent.bytes() == 0);
    }

    @Test
    void aRequestOverHttpOneThatDoesNotComeInTimeIsCutAndOneThatIsAnsweredIsNot() throws Exception {
        try (RawConnection slow = new RawConnection(target);
                RawConnection asked = new RawConnection(target)) {
            asked.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
            HttpExchange exchange = waiting.poll(10, TimeUnit.SECONDS);
            slow.send("POST /v3/kv/put HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf");
            until("it has come", () -> halfSent.bytes() > 300);
            now.addAndGet(TimeUnit.SECONDS.toNanos(31));
            assertTrue(slow.closedWithin(5_000));
            assertFalse(asked.closedWithin(100));
            if (exchange == null) {
                throw new AssertionError("the request was not handed on");
            }
            exchange.respond(200, Map.of(), new byte[0]);
        }
    }
}
