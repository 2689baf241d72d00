package io.keelson.kvstore.lease;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.errors.EtcdError;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LeaseExpirerTest {
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final AppliedLog log = new AppliedLog();
    private final HeldProposals proposals = new HeldProposals();
    private boolean leading = true;
    private final LeaseExpirer expirer =
            new LeaseExpirer(log.store, proposals, () -> leading, log.clusterTimeMs::get, timer);

    @AfterEach
    void stop() {
        expirer.close();
        timer.shutdownNow();
    }

    @Test
    void proposesWhatHasExpiredAndNothingElse() throws InterruptedException {
        log.apply(LeaseCommands.grant(1, 10));
        log.apply(LeaseCommands.grant(2, 20));
        log.clusterTimeMs.set(9_999);
        expirer.look();
        assertEquals(0, proposals.held.size());

        log.clusterTimeMs.set(10_000);
        expirer.look();

        HeldProposals.Held proposal = proposals.next();
        assertArrayEquals(new long[] {1}, proposal.ids());
        assertTrue(proposal.system());
    }

    @Test
    void proposesNothingMoreWhileACommandIsUnderWay() throws InterruptedException {
        log.apply(LeaseCommands.grant(1, 10));
        log.clusterTimeMs.set(10_000);
        for (int i = 0; i < 100; i++) {
            expirer.look();
        }
        assertEquals(1, proposals.held.size());

        proposals.next().result().completeExceptionally(EtcdError.TIMEOUT.exception());
        expirer.look();

        assertArrayEquals(new long[] {1}, proposals.next().ids());
    }

    @Test
    void aLeaseThatIsTooLargeForOneCommandDoesNotKeepLaterOnesFromExpiring() throws InterruptedException {
        log.keyBytes = LeaseStore.PART_BYTES_MAX;
        log.apply(LeaseCommands.grant(1, 10));
        for (int i = 0; i < 20; i++) {
            log.put("key" + i, 1);
        }
        log.apply(LeaseCommands.grant(2, 20));
        log.put("later", 2);
        log.clusterTimeMs.set(20_000);
        try (LeaseExpirer real = new LeaseExpirer(log.store, log, () -> true, log.clusterTimeMs::get, timer)) {
            real.start();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (log.store.count() > 0) {
                assertTrue(System.nanoTime() < deadline, () -> "left are " + log.store.count() + " leases");
                Thread.sleep(5);
            }
        }
        assertEquals(21, log.deletions.size());
        assertEquals(0, log.keys.size());
    }

    @Test
    void onlyTheLeaderProposes() throws InterruptedException {
        log.apply(LeaseCommands.grant(1, 10));
        log.clusterTimeMs.set(10_000);
        leading = false;
        expirer.look();
        assertEquals(0, proposals.held.size());

        leading = true;
        expirer.look();
        assertArrayEquals(new long[] {1}, proposals.next().ids());
    }

    @Test
    void manyThatExpireTogetherGoInBoundedCommandsOneAfterTheOther() throws InterruptedException {
        int count = 1200;
        for (int i = 1; i <= count; i++) {
            log.apply(LeaseCommands.grant(i, 10));
        }
        log.clusterTimeMs.set(10_000);
        expirer.look();

        int[] sizes = new int[3];
        for (int i = 0; i < sizes.length; i++) {
            HeldProposals.Held proposal = proposals.next();
            sizes[i] = proposal.ids().length;
            log.apply(LeaseCommands.expire(proposal.ids()));
            proposal.succeed();
        }
        assertArrayEquals(new int[] {LeaseExpirer.LEASES_MAX, LeaseExpirer.LEASES_MAX, 200}, sizes);
        assertEquals(0, log.store.count());
    }

    @Test
    void looksAgainByItselfAfterAFailure() throws InterruptedException {
        log.apply(LeaseCommands.grant(1, 10));
        log.clusterTimeMs.set(10_000);
        proposals.failures.add(EtcdError.NO_LEADER.exception());
        expirer.start();

        assertArrayEquals(new long[] {1}, proposals.next().ids());
    }
}
