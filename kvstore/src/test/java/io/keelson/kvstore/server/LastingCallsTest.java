package io.keelson.kvstore.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LeaseKeepAliveRequest;
import io.keelson.kvstore.api.LeaseKeepAliveResponse;
import io.keelson.raft.Leadership;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of streams when the member has been without a leader for too long. */
@Timeout(30)
class LastingCallsTest {
    private static final Metadata.Key<String> REQUIRE_LEADER =
            Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

    private final LastingCalls calls = new LastingCalls();
    private final LeaderWatch leader = new LeaderWatch(() -> {}).onLost(calls::leaderLost);
    private final CompletableFuture<Void> heldByServer = new CompletableFuture<>();
    private final Server server;
    private final ManagedChannel channel;

    LastingCallsTest() throws IOException {
        String name = InProcessServerBuilder.generateName();
        server = InProcessServerBuilder.forName(name)
                .intercept(calls)
                .addService(new LeaseGrpc.LeaseImplBase() {
                    @Override
                    public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(
                            StreamObserver<LeaseKeepAliveResponse> client) {
                        return new Stream<>(
                                heldByServer, () -> client.onNext(LeaseKeepAliveResponse.getDefaultInstance()));
                    }
                })
                .build()
                .start();
        channel = InProcessChannelBuilder.forName(name).build();
        leader.set(new Leadership(1, 1, false));
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    /** Tells how a stream ended. */
    private record Stream<T>(CompletableFuture<Void> end, Runnable onNext) implements StreamObserver<T> {
        @Override
        public void onNext(T value) {
            onNext.run();
        }

        @Override
        public void onError(Throwable failure) {
            end.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            end.complete(null);
        }
    }

    /** How a stream of keep-alives ends that the server has begun to serve. */
    private CompletableFuture<Void> open(boolean wantsLeader) throws Exception {
        Metadata headers = new Metadata();
        if (wantsLeader) {
            headers.put(REQUIRE_LEADER, "true");
        }
        CompletableFuture<Void> end = new CompletableFuture<>();
        CompletableFuture<Void> answered = new CompletableFuture<>();
        LeaseGrpc.newStub(ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers)))
                .leaseKeepAlive(new Stream<>(end, () -> answered.complete(null)))
                .onNext(LeaseKeepAliveRequest.getDefaultInstance());
        var _ = answered.get(10, TimeUnit.SECONDS);
        return end;
    }

    private void loseLeader(int electionTimeouts) {
        leader.set(new Leadership(1, 0, false));
        for (int i = 0; i < electionTimeouts; i++) {
            leader.check();
        }
    }

    @Test
    void aStreamThatWantsALeaderEndsAfterThreeElectionTimeoutsWithoutOne() throws Exception {
        CompletableFuture<Void> end = open(true);
        loseLeader(2);
        assertFalse(end.isDone());
        leader.check();
        Status status = Status.fromThrowable(end.handle((_, failure) -> failure).get(10, TimeUnit.SECONDS));
        assertEquals(Status.Code.UNAVAILABLE, status.getCode());
        assertEquals("etcdserver: no leader", status.getDescription());
        // Its service hears of it too, and lets go of what it holds.
        assertEquals(
                Status.Code.CANCELLED,
                Status.fromThrowable(
                                heldByServer.handle((_, failure) -> failure).get(10, TimeUnit.SECONDS))
                        .getCode());
    }

    @Test
    void aStreamThatDoesNotGoesOn() throws Exception {
        CompletableFuture<Void> end = open(false);
        loseLeader(10);
        CompletableFuture<Void> other = open(false);
        assertFalse(end.isDone());
        assertFalse(other.isDone());
    }
}
