package io.keelson.kvstore.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.ResponseHeader;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.raft.FreePorts;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class KvClientTest {
    private static final RangeRequest RANGE =
            RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("a")).build();
    private static final PutRequest PUT =
            PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("a")).build();

    @Test
    void readsAndWritesGoToAnEndpointThatListens() throws Exception {
        try (ScriptedServer alive = new ScriptedServer();
                KvClient client = client(deadEndpoint(), alive.endpoint())) {
            client.read(KVGrpc.getRangeMethod(), RANGE, soon());
            client.write(KVGrpc.getPutMethod(), PUT, soon());
            assertEquals(1, alive.ranges.get());
            assertEquals(1, alive.puts.get());
        }
    }

    @Test
    void aReadThatLosesItsServerIsReadElsewhere() throws Exception {
        try (ScriptedServer dying = new ScriptedServer();
                ScriptedServer alive = new ScriptedServer();
                KvClient client = client(dying.endpoint(), alive.endpoint())) {
            dying.onRange = (server, to) -> server.die();
            client.read(KVGrpc.getRangeMethod(), RANGE, soon());
            assertEquals(1, dying.ranges.get());
            assertEquals(1, alive.ranges.get());
        }
    }

    @Test
    void aWriteThatLosesItsServerIsNotWrittenElsewhere() throws Exception {
        try (ScriptedServer dying = new ScriptedServer();
                ScriptedServer alive = new ScriptedServer();
                KvClient client = client(dying.endpoint(), alive.endpoint())) {
            dying.onPut = (server, to) -> server.die();
            assertThrows(OutcomeUnknownException.class, () -> client.write(KVGrpc.getPutMethod(), PUT, soon()));
            assertEquals(1, dying.puts.get());
            assertEquals(0, alive.puts.get());
        }
    }

    @Test
    void anAnswerThatTheServerIsUnavailableIsRepeatedForReadsOnly() throws Exception {
        StatusRuntimeException noLeader = EtcdError.NO_LEADER.status().asRuntimeException();
        try (ScriptedServer server = new ScriptedServer();
                KvClient client = client(server.endpoint())) {
            server.onRange = (self, to) -> {
                if (self.ranges.get() < 3) {
                    to.onError(noLeader);
                } else {
                    to.onNext(io.keelson.kvstore.api.RangeResponse.getDefaultInstance());
                    to.onCompleted();
                }
            };
            server.onPut = (self, to) -> to.onError(noLeader);
            client.read(KVGrpc.getRangeMethod(), RANGE, soon());
            assertEquals(3, server.ranges.get());
            StatusRuntimeException refused =
                    assertThrows(StatusRuntimeException.class, () -> client.write(KVGrpc.getPutMethod(), PUT, soon()));
            assertEquals(EtcdError.NO_LEADER.text(), refused.getStatus().getDescription());
            assertEquals(1, server.puts.get());
        }
    }

    @Test
    void nothingListeningEndsAtTheDeadline() throws Exception {
        try (KvClient client = client(deadEndpoint(), deadEndpoint())) {
            StatusRuntimeException late = assertThrows(
                    StatusRuntimeException.class,
                    () -> client.write(KVGrpc.getPutMethod(), PUT, Deadline.after(300, TimeUnit.MILLISECONDS)));
            assertEquals(Status.Code.DEADLINE_EXCEEDED, late.getStatus().getCode());
        }
    }

    @Test
    void anOutdatedTokenIsRenewedOnceAndTheCallMadeAgain() throws Exception {
        try (ScriptedServer server = new ScriptedServer()) {
            server.onPut = (self, to) -> {
                if (self.puts.get() == 1) {
                    to.onError(EtcdError.INVALID_AUTH_TOKEN.status().asRuntimeException());
                } else {
                    to.onNext(io.keelson.kvstore.api.PutResponse.getDefaultInstance());
                    to.onCompleted();
                }
            };
            ClientConfig config =
                    ClientConfig.of(List.of(server.endpoint())).withCredentials(new Credentials("root", "secret"));
            try (KvClient client = KvClient.open(config)) {
                client.write(KVGrpc.getPutMethod(), PUT, soon());
            }
            assertEquals(List.of("root1", "root2"), server.tokens);
        }
    }

    @Test
    void aRequestLargerThanAllowedIsNotSent() throws Exception {
        try (ScriptedServer server = new ScriptedServer();
                KvClient client = client(server.endpoint())) {
            PutRequest large = PUT.toBuilder()
                    .setValue(ByteString.copyFrom(new byte[ClientConfig.REQUEST_BYTES_MAX]))
                    .build();
            StatusRuntimeException refused = assertThrows(
                    StatusRuntimeException.class, () -> client.write(KVGrpc.getPutMethod(), large, soon()));
            assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getStatus().getCode());
            assertEquals(0, server.puts.get());
        }
    }

    @Test
    void aWatchGoesOnBehindTheLastEventAfterItsServerDied() throws Exception {
        int port;
        try (ScriptedServer first = new ScriptedServer()) {
            port = first.port();
            first.onWatch = (request, to) -> {
                to.onNext(WatchResponse.newBuilder()
                        .setHeader(ResponseHeader.newBuilder().setRevision(5))
                        .setCreated(true)
                        .build());
                to.onNext(event(7));
            };
            try (KvClient client = client(first.endpoint());
                    Watcher watcher = Watcher.open(client, WatchCreateRequest.getDefaultInstance())) {
                assertEquals(7, watcher.next().getEvents(0).getKv().getModRevision());
                first.dieWholly();
                try (ScriptedServer second = new ScriptedServer(port)) {
                    second.onWatch = (request, to) -> to.onNext(event(9));
                    assertEquals(9, watcher.next().getEvents(0).getKv().getModRevision());
                    assertEquals(
                            8,
                            second.watchRequests.getFirst().getCreateRequest().getStartRevision());
                }
            }
        }
    }

    @Test
    void aConnectionThatBrokeIsToldFromAnAnswer() {
        Status closed = Status.UNKNOWN.withDescription("channel closed");
        assertTrue(KvClient.isLost(closed.withCause(new ClosedChannelException())));
        assertTrue(KvClient.isLost(Status.INTERNAL
                .withDescription("http2 exception")
                .withCause(Http2Exception.connectionError(Http2Error.PROTOCOL_ERROR, "no frame"))));
        assertTrue(KvClient.isLost(
                Status.INTERNAL.withDescription("RST_STREAM closed stream. HTTP/2 error code: CANCEL")));
        assertTrue(KvClient.isLost(Status.UNAVAILABLE));
        assertFalse(KvClient.isLost(closed), "a server may say so of a channel of its own");
        assertFalse(KvClient.isLost(Status.CANCELLED.withCause(new InterruptedException())));
        assertFalse(KvClient.isLost(Status.UNKNOWN.withDescription("etcdserver: RST_STREAM")));
    }

    @Test
    void anEndpointIsReadInEachOfItsForms() {
        assertEquals("h:2379", Endpoint.parse("h:2379").authority());
        assertEquals("h:80", Endpoint.parse("http://h").authority());
        assertTrue(Endpoint.parse("https://h:1/").secured(false));
        assertTrue(Endpoint.parse("h:1").secured(true));
        assertTrue(!Endpoint.parse("http://h:1").secured(true));
        assertEquals("[::1]:2379", Endpoint.parse("http://[::1]:2379").authority());
        assertEquals("/run/x", Endpoint.parse("unix:///run/x").path());
        assertThrows(IllegalArgumentException.class, () -> Endpoint.parse("h:x"));
    }

    private static WatchResponse event(long revision) {
        return WatchResponse.newBuilder()
                .setHeader(ResponseHeader.newBuilder().setRevision(revision))
                .addEvents(Event.newBuilder().setKv(KeyValue.newBuilder().setModRevision(revision)))
                .build();
    }

    private static KvClient client(String... endpoints) {
        return KvClient.open(ClientConfig.of(List.of(endpoints)));
    }

    private static Deadline soon() {
        return Deadline.after(10, TimeUnit.SECONDS);
    }

    private static String deadEndpoint() {
        return "127.0.0.1:" + FreePorts.one();
    }
}
