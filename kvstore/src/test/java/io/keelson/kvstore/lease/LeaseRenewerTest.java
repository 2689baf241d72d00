package io.keelson.kvstore.lease;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.raft.RaftException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LeaseRenewerTest {
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final HeldProposals proposals = new HeldProposals();
    private final AtomicLong nanos = new AtomicLong();
    private final LeaseRenewer renewer = new LeaseRenewer(proposals, timer, 7000, nanos::get);

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    private static long get(CompletableFuture<Long> answer) throws Exception {
        return answer.get(10, TimeUnit.SECONDS);
    }

    private static EtcdError error(CompletableFuture<Long> answer) {
        ExecutionException failure = assertThrows(ExecutionException.class, () -> answer.get(10, TimeUnit.SECONDS));
        return assertInstanceOf(EtcdException.class, failure.getCause()).error();
    }

    @Test
    void aLoneRenewalGoesAtOnce() throws Exception {
        CompletableFuture<Long> answer = renewer.renew(1);

        assertEquals(1, proposals.held.size());
        assertFalse(answer.isDone());
        HeldProposals.Held proposal = proposals.next();
        assertTrue(proposal.system());
        proposal.succeed(60);
        assertEquals(60, get(answer));
    }

    @Test
    void renewalsThatComeMeanwhileGoTogether() throws Exception {
        CompletableFuture<Long> first = renewer.renew(1);
        List<CompletableFuture<Long>> others = new ArrayList<>();
        for (long id = 2; id <= 10; id++) {
            others.add(renewer.renew(id));
        }
        others.add(renewer.renew(10));
        assertEquals(1, proposals.held.size());

        proposals.next().succeed(5);
        HeldProposals.Held second = proposals.next();
        assertArrayEquals(new long[] {2, 3, 4, 5, 6, 7, 8, 9, 10}, second.ids());
        second.succeed(2, 3, 4, 5, 6, 7, 8, 9, 0);

        assertEquals(5, get(first));
        assertEquals(2, get(others.getFirst()));
        assertEquals(0, get(others.get(8)));
        assertEquals(0, get(others.get(9)));
    }

    @Test
    void aRenewalOfALeaseWhoseRenewalIsUnderWayWaitsForTheNextCommand() throws Exception {
        CompletableFuture<Long> first = renewer.renew(1);
        CompletableFuture<Long> second = renewer.renew(1);
        proposals.next().succeed(5);
        assertEquals(5, get(first));
        assertFalse(second.isDone());
        proposals.next().succeed(6);
        assertEquals(6, get(second));
    }

    @Test
    void aLeaseThatIsOverIsAnsweredOnceItsKeysAreGoneAndTheOthersAtOnce() throws Exception {
        CompletableFuture<Long> lone = renewer.renew(1);
        CompletableFuture<Long> large = renewer.renew(2);
        CompletableFuture<Long> alive = renewer.renew(3);
        proposals.next().succeed(5);
        proposals.next().succeed(LeaseStore.STILL_GOING, 60);
        assertEquals(5, get(lone));
        assertEquals(60, get(alive));
        assertFalse(large.isDone());

        HeldProposals.Held again = proposals.next();
        assertArrayEquals(new long[] {2}, again.ids());
        again.succeed(0);
        assertEquals(0, get(large));
    }

    @Test
    void aLeaseWhoseKeysTakeTooLongToGoFailsWithATimeout() throws Exception {
        CompletableFuture<Long> large = renewer.renew(2);
        nanos.set(TimeUnit.SECONDS.toNanos(7));
        proposals.next().succeed(LeaseStore.STILL_GOING);
        assertEquals(EtcdError.TIMEOUT, error(large));
    }

    @Test
    void aChangeOfLeaderIsSatOut() throws Exception {
        proposals.failures.add(new RaftException.NoLeader("none"));
        proposals.failures.add(new RaftException.OutcomeUnknown("lost", true));
        proposals.failures.add(EtcdError.TIMEOUT.exception());

        CompletableFuture<Long> answer = renewer.renew(1);

        proposals.next().succeed(60);
        assertEquals(60, get(answer));
    }

    @Test
    void withoutALeaderForTooLongARenewalTimesOut() throws Exception {
        CompletableFuture<Long> answer = renewer.renew(1);
        CompletableFuture<Long> behind = renewer.renew(2);
        nanos.set(TimeUnit.SECONDS.toNanos(7));
        proposals.next().result().completeExceptionally(new RaftException.NoLeader("none"));

        assertEquals(EtcdError.TIMEOUT, error(answer));
        assertEquals(EtcdError.TIMEOUT, error(behind));
    }

    @Test
    void aRefusalThatWillNotPassIsPassedOn() throws Exception {
        CompletableFuture<Long> answer = renewer.renew(1);
        CompletableFuture<Long> behind = renewer.renew(2);
        proposals.next().result().completeExceptionally(EtcdError.CORRUPT.exception());

        assertEquals(EtcdError.CORRUPT, error(answer));
        proposals.next().succeed(9);
        assertEquals(9, get(behind));
    }

    @Test
    void aCommandIsBoundedAndSoIsWhatWaits() throws Exception {
        CompletableFuture<Long> first = renewer.renew(0);
        for (int id = 1; id <= LeaseRenewer.WAITING_MAX; id++) {
            assertFalse(renewer.renew(id).isDone());
        }

        assertEquals(EtcdError.TOO_MANY_REQUESTS, error(renewer.renew(LeaseRenewer.WAITING_MAX + 1L)));

        proposals.next().succeed(1);
        assertEquals(1, get(first));
        assertEquals(LeaseRenewer.LEASES_MAX, proposals.next().ids().length);
    }

    @Test
    void aStoppedMemberAnswersThatItStopped() throws Exception {
        CompletableFuture<Long> first = renewer.renew(1);
        CompletableFuture<Long> behind = renewer.renew(2);
        timer.shutdownNow();
        proposals.next().succeed(3);

        assertEquals(3, get(first));
        assertEquals(EtcdError.STOPPED, error(behind));
    }
}
