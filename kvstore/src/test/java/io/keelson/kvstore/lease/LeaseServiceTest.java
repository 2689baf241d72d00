package io.keelson.kvstore.lease;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrantResponse;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LeaseKeepAliveRequest;
import io.keelson.kvstore.api.LeaseKeepAliveResponse;
import io.keelson.kvstore.api.LeaseLeasesRequest;
import io.keelson.kvstore.api.LeaseRevokeRequest;
import io.keelson.kvstore.api.LeaseRevokeResponse;
import io.keelson.kvstore.api.LeaseStatus;
import io.keelson.kvstore.api.LeaseTimeToLiveRequest;
import io.keelson.kvstore.api.LeaseTimeToLiveResponse;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.server.Headers;
import io.keelson.kvstore.server.Proposals;
import io.keelson.kvstore.server.ReadPoints;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LeaseServiceTest {
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final AppliedLog log = new AppliedLog();
    private final HeldProposals held = new HeldProposals();
    private final TestAccess access = new TestAccess();
    private volatile boolean space = true;
    private volatile boolean corrupt;
    private final Server server;
    private final ManagedChannel channel;

    /** Lets everything through, or refuses it with an error. */
    private static final class TestAccess implements LeaseAccess {
        volatile boolean restricted;
        volatile boolean refusing;

        private void check() {
            if (refusing) {
                throw EtcdError.PERMISSION_DENIED.exception();
            }
        }

        @Override
        public boolean restricted() {
            return restricted;
        }

        @Override
        public Command command(CommandKind kind, byte[] payload) {
            check();
            return Command.of(kind, payload);
        }

        @Override
        public void checkUser() {
            check();
        }

        @Override
        public void checkRenew(long leaseId) {
            check();
        }

        @Override
        public void checkKeys(List<ByteString> keys) {
            check();
        }

        @Override
        public void checkList(long[] leaseIds) {
            check();
        }
    }

    private final class TestReadPoints implements ReadPoints {
        @Override
        public CompletableFuture<Void> linearizable() {
            return CompletableFuture.runAsync(() -> {}, timer);
        }

        @Override
        public Executor readers() {
            return timer;
        }
    }

    LeaseServiceTest() throws IOException {
        String name = InProcessServerBuilder.generateName();
        server = InProcessServerBuilder.forName(name)
                .addService(service(log))
                .build()
                .start();
        channel = InProcessChannelBuilder.forName(name).build();
    }

    private LeaseService service(Proposals renewals) {
        return new LeaseService(
                log.store,
                (id, from, visitor) -> LeaseStore.visitAttachedKeys(log.session, id, from, visitor),
                new LeaseRenewer(renewals, timer, 7000, System::nanoTime),
                access,
                log,
                new TestReadPoints(),
                new Headers(11, 12, log::revision, () -> 13),
                log.clusterTimeMs::get,
                new LeaseService.Rules(2, () -> space, () -> corrupt));
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
        timer.shutdownNow();
    }

    private LeaseGrpc.LeaseBlockingStub client() {
        return LeaseGrpc.newBlockingStub(channel).withDeadlineAfter(10, TimeUnit.SECONDS);
    }

    private LeaseGrantResponse grant(long id, long ttlSeconds) {
        return client().leaseGrant(LeaseGrantRequest.newBuilder()
                .setID(id)
                .setTTL(ttlSeconds)
                .build());
    }

    private LeaseTimeToLiveResponse timeToLive(long id, boolean keys) {
        return client().leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder()
                .setID(id)
                .setKeys(keys)
                .build());
    }

    private static void assertFails(EtcdError error, Runnable call) {
        StatusRuntimeException failure = assertThrows(StatusRuntimeException.class, call::run);
        assertEquals(error.status().getCode(), failure.getStatus().getCode());
        assertEquals(error.text(), failure.getStatus().getDescription());
    }

    @Test
    void aGrantWithoutAnIdGetsOne() {
        LeaseGrantResponse first = grant(0, 60);
        LeaseGrantResponse second = grant(0, 60);

        assertTrue(first.getID() > 0);
        assertNotEquals(first.getID(), second.getID());
        assertEquals(60, first.getTTL());
        assertEquals(11, first.getHeader().getClusterId());
        assertEquals(12, first.getHeader().getMemberId());
        assertEquals(1, first.getHeader().getRevision());
        assertEquals(13, first.getHeader().getRaftTerm());
    }

    @Test
    void aLeaseForWhichThereIsNoSpaceIsNotGranted() {
        space = false;
        assertFails(EtcdError.NO_SPACE, () -> grant(7, 60));
        assertEquals(-1, timeToLive(7, false).getTTL());
        space = true;
        assertEquals(7, grant(7, 60).getID());
    }

    @Test
    void aShortGrantIsRaisedToTheMinimum() {
        assertEquals(2, grant(1, 1).getTTL());
        assertEquals(2, grant(2, 0).getTTL());
        assertEquals(2, grant(3, -5).getTTL());
        assertEquals(2, timeToLive(3, false).getGrantedTTL());
    }

    @Test
    void aGrantOfATakenIdOrOfTooLongATtlFails() {
        grant(7, 60);

        assertFails(EtcdError.LEASE_EXIST, () -> grant(7, 60));
        assertFails(EtcdError.LEASE_TTL_TOO_LARGE, () -> grant(8, 9_000_000_001L));
    }

    @Test
    void aRevocationOfALargeLeaseIsAnsweredWhenTheLastOfItsKeysIsGone() {
        log.keyBytes = LeaseStore.PART_BYTES_MAX;
        grant(7, 60);
        for (int i = 0; i < 10; i++) {
            log.put("key" + i, 7);
        }

        LeaseRevokeResponse answer =
                client().leaseRevoke(LeaseRevokeRequest.newBuilder().setID(7).build());

        assertEquals(0, log.keys.size());
        assertEquals(10, log.deletions.size());
        assertEquals(log.revision(), answer.getHeader().getRevision());
        assertEquals(-1, timeToLive(7, false).getTTL());
    }

    @Test
    void aRevocationAnswersWithTheRevisionThatDeletedTheKeys() {
        grant(7, 60);
        log.put("a", 7);

        LeaseRevokeResponse answer =
                client().leaseRevoke(LeaseRevokeRequest.newBuilder().setID(7).build());

        assertEquals(3, answer.getHeader().getRevision());
        assertFails(EtcdError.LEASE_NOT_FOUND, () -> {
            var _ = client().leaseRevoke(
                            LeaseRevokeRequest.newBuilder().setID(7).build());
        });
    }

    @Test
    void theTimeLeftIsToldWithTheKeys() {
        grant(7, 60);
        log.put("b", 7);
        log.put("a", 7);
        log.clusterTimeMs.set(1);

        LeaseTimeToLiveResponse answer = timeToLive(7, true);

        assertEquals(59, answer.getTTL());
        assertEquals(60, answer.getGrantedTTL());
        assertEquals(
                List.of("a", "b"),
                answer.getKeysList().stream().map(key -> key.toString(UTF_8)).toList());
        assertEquals(0, timeToLive(7, false).getKeysCount());
    }

    @Test
    void anUnknownLeaseHasATimeLeftOfMinusOne() {
        LeaseTimeToLiveResponse answer = timeToLive(99, true);

        assertEquals(99, answer.getID());
        assertEquals(-1, answer.getTTL());
        assertEquals(0, answer.getGrantedTTL());
    }

    @Test
    void leasesAreListedByDeadline() {
        grant(1, 30);
        grant(2, 10);

        assertEquals(
                List.of(2L, 1L),
                client().leaseLeases(LeaseLeasesRequest.getDefaultInstance()).getLeasesList().stream()
                        .map(LeaseStatus::getID)
                        .toList());
    }

    @Test
    void whatIsNotPermittedIsRefused() {
        grant(1, 30);
        access.restricted = true;
        access.refusing = true;

        assertFails(EtcdError.PERMISSION_DENIED, () -> grant(2, 30));
        assertFails(EtcdError.PERMISSION_DENIED, () -> {
            var _ = client().leaseRevoke(
                            LeaseRevokeRequest.newBuilder().setID(1).build());
        });
        assertFails(EtcdError.PERMISSION_DENIED, () -> timeToLive(1, false));
        assertFails(EtcdError.PERMISSION_DENIED, () -> {
            var _ = client().leaseLeases(LeaseLeasesRequest.getDefaultInstance());
        });
        Answers answers = new Answers();
        LeaseGrpc.newStub(channel)
                .leaseKeepAlive(answers)
                .onNext(LeaseKeepAliveRequest.newBuilder().setID(1).build());
        assertEquals(EtcdError.PERMISSION_DENIED.text(), answers.end().getDescription());
    }

    /** Collects what a stream answers. */
    private static final class Answers implements StreamObserver<LeaseKeepAliveResponse> {
        final BlockingQueue<LeaseKeepAliveResponse> received = new LinkedBlockingQueue<>();
        final CompletableFuture<Status> end = new CompletableFuture<>();

        @Override
        public void onNext(LeaseKeepAliveResponse value) {
            received.add(value);
        }

        @Override
        public void onError(Throwable failure) {
            end.complete(Status.fromThrowable(failure));
        }

        @Override
        public void onCompleted() {
            end.complete(Status.OK);
        }

        LeaseKeepAliveResponse next() throws InterruptedException {
            LeaseKeepAliveResponse answer = received.poll(10, TimeUnit.SECONDS);
            if (answer == null) {
                throw new AssertionError("no answer; the stream ended with " + end.getNow(null));
            }
            return answer;
        }

        Status end() {
            return end.orTimeout(10, TimeUnit.SECONDS).join();
        }
    }

    @Test
    void renewalsOfAStreamAreAnsweredInOrder() throws InterruptedException {
        grant(1, 10);
        grant(3, 30);
        Answers answers = new Answers();
        StreamObserver<LeaseKeepAliveRequest> stream =
                LeaseGrpc.newStub(channel).leaseKeepAlive(answers);
        for (int round = 0; round < 300; round++) {
            for (long id = 1; id <= 3; id++) {
                stream.onNext(LeaseKeepAliveRequest.newBuilder().setID(id).build());
            }
        }
        stream.onCompleted();

        for (int round = 0; round < 300; round++) {
            for (long id = 1; id <= 3; id++) {
                LeaseKeepAliveResponse answer = answers.next();
                assertEquals(id, answer.getID());
                assertEquals(id == 2 ? 0 : 10 * id, answer.getTTL());
                assertEquals(1, answer.getHeader().getRevision());
            }
        }
        assertEquals(Status.Code.OK, answers.end().getCode());
    }

    @Test
    void withDataThatDiffersALeaseThatIsOverIsNotRenewedAndStays() throws InterruptedException {
        grant(1, 10);
        grant(2, 60);
        log.put("a", 1);
        log.clusterTimeMs.set(10_000);
        corrupt = true;
        Answers answers = new Answers();
        StreamObserver<LeaseKeepAliveRequest> stream =
                LeaseGrpc.newStub(channel).leaseKeepAlive(answers);
        stream.onNext(LeaseKeepAliveRequest.newBuilder().setID(2).build());
        assertEquals(60, answers.next().getTTL());
        stream.onNext(LeaseKeepAliveRequest.newBuilder().setID(1).build());
        assertEquals(EtcdError.CORRUPT.text(), answers.end().getDescription());
        assertEquals(1, timeToLive(1, true).getKeysCount());
    }

    @Test
    void aRenewalIsAcknowledgedOnlyOnceItIsCommitted() throws Exception {
        String name = InProcessServerBuilder.generateName();
        Server holding = InProcessServerBuilder.forName(name)
                .addService(service(held))
                .build()
                .start();
        ManagedChannel toHolding = InProcessChannelBuilder.forName(name).build();
        try {
            Answers answers = new Answers();
            StreamObserver<LeaseKeepAliveRequest> stream =
                    LeaseGrpc.newStub(toHolding).leaseKeepAlive(answers);
            stream.onNext(LeaseKeepAliveRequest.newBuilder().setID(1).build());
            HeldProposals.Held renewal = held.next();
            assertTrue(answers.received.isEmpty());

            renewal.succeed(10);
            assertEquals(10, answers.next().getTTL());
            stream.onCompleted();
            assertEquals(Status.Code.OK, answers.end().getCode());
        } finally {
            toHolding.shutdownNow();
            holding.shutdownNow();
        }
    }

    @Test
    void aStreamTakesABoundedNumberOfRequestsBeforeTheyAreAnswered() throws Exception {
        AtomicInteger begun = new AtomicInteger();
        String name = InProcessServerBuilder.generateName();
        Server stuck = InProcessServerBuilder.forName(name)
                .directExecutor()
                .addService(new LeaseGrpc.LeaseImplBase() {
                    @Override
                    public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(
                            StreamObserver<LeaseKeepAliveResponse> client) {
                        KeepAliveStream stream = new KeepAliveStream(
                                (ServerCallStreamObserver<LeaseKeepAliveResponse>) client,
                                new Headers(1, 1, () -> 1, () -> 1)::header,
                                _ -> {
                                    begun.incrementAndGet();
                                    return new CompletableFuture<>();
                                });
                        stream.open();
                        return stream;
                    }
                })
                .build()
                .start();
        ManagedChannel toStuck =
                InProcessChannelBuilder.forName(name).directExecutor().build();
        try {
            ClientCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call =
                    toStuck.newCall(LeaseGrpc.getLeaseKeepAliveMethod(), CallOptions.DEFAULT);
            call.start(new ClientCall.Listener<>() {}, new Metadata());
            for (int i = 0; i < 2 * KeepAliveStream.OUTSTANDING_MAX; i++) {
                call.sendMessage(LeaseKeepAliveRequest.newBuilder().setID(i).build());
            }
            assertEquals(KeepAliveStream.OUTSTANDING_MAX, begun.get());
            call.cancel("enough", null);
        } finally {
            toStuck.shutdownNow();
            stuck.shutdownNow();
        }
    }

    @Test
    void aClientThatDoesNotReadIsNotServedWithoutEnd() throws Exception {
        grant(1, 60);
        ClientCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call =
                channel.newCall(LeaseGrpc.getLeaseKeepAliveMethod(), CallOptions.DEFAULT);
        call.start(new ClientCall.Listener<>() {}, new Metadata());
        long before = log.store.renewedTotal();
        int sent = 4 * KeepAliveStream.OUTSTANDING_MAX;
        for (int i = 0; i < sent; i++) {
            call.sendMessage(LeaseKeepAliveRequest.newBuilder().setID(1).build());
        }
        // Serving another client to the end proves that the server has had its chance to go on.
        Answers answers = new Answers();
        StreamObserver<LeaseKeepAliveRequest> other = LeaseGrpc.newStub(channel).leaseKeepAlive(answers);
        for (int i = 0; i < 50; i++) {
            other.onNext(LeaseKeepAliveRequest.newBuilder().setID(1).build());
            assertEquals(60, answers.next().getTTL());
        }
        other.onCompleted();
        assertTrue(log.store.renewedTotal() - before <= KeepAliveStream.OUTSTANDING_MAX + 50);
        call.cancel("enough", null);
    }
}
