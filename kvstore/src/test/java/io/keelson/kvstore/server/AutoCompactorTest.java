package io.keelson.kvstore.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.apply.ApplyResult;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.server.config.ServerConfig;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What is compacted when, on a clock of its own. */
class AutoCompactorTest {
    /** Notes what is proposed, and answers as told. */
    private static final class Proposed implements Proposals {
        final List<Long> compactions = new ArrayList<>();
        final Deque<CompletableFuture<ApplyResult>> answers = new ArrayDeque<>();

        @Override
        public CompletableFuture<ApplyResult> propose(Command command) {
            throw new AssertionError("compactions are the system's own");
        }

        @Override
        public CompletableFuture<ApplyResult> proposeSystem(Command command) {
            try {
                compactions.add(CompactionRequest.parseFrom(command.payload()).getRevision());
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
            CompletableFuture<ApplyResult> answer = answers.poll();
            return answer != null
                    ? answer
                    : CompletableFuture.completedFuture(ApplyResult.success(compactions.getLast()));
        }
    }

    private final Proposed proposed = new Proposed();
    private long nowNanos;
    private long revision = 1;
    private boolean leading = true;

    private AutoCompactor compactor(String... flags) {
        return new AutoCompactor(
                ServerConfig.of(flags).autoCompaction(), proposed, () -> revision, () -> leading, () -> nowNanos);
    }

    /** Lets time pass, with a revision a second, and the compactor looking when it wants to. */
    private void pass(AutoCompactor compactor, Duration time) {
        long intervalMs = compactor.intervalMs();
        for (long passed = 0; passed < time.toMillis(); passed += intervalMs) {
            nowNanos += intervalMs * 1_000_000;
            revision = 1 + nowNanos / 1_000_000_000;
            compactor.look();
        }
    }

    @Test
    void byDefaultNothingIsCompacted() {
        assertFalse(compactor().on());
        assertFalse(compactor("--auto-compaction-mode=revision").on());
    }

    @Test
    void aRetentionOfTenMinutesKeepsTenMinutesAndIsLookedAtEveryTen() {
        AutoCompactor compactor = compactor("--auto-compaction-retention=10m");
        pass(compactor, Duration.ofMinutes(10));
        assertEquals(List.of(), proposed.compactions);
        pass(compactor, Duration.ofMinutes(25));
        // At 11, 21 and 31 minutes: the revision of ten minutes before.
        assertEquals(List.of(61L, 661L, 1261L), proposed.compactions);
    }

    @Test
    void aCompactionThatFailedIsTriedAgainAtTheNextLook() {
        AutoCompactor compactor = compactor("--auto-compaction-retention=10m");
        proposed.answers.add(CompletableFuture.failedFuture(EtcdError.TIMEOUT.exception()));
        proposed.answers.add(CompletableFuture.failedFuture(EtcdError.NO_LEADER.exception()));
        pass(compactor, Duration.ofMinutes(25));
        // At 11, 12 and 13 minutes, and from the one that was carried out ten minutes on.
        assertEquals(List.of(61L, 121L, 181L, 781L), proposed.compactions);
    }

    @Test
    void whatSomebodyElseHasCompactedIsNotTriedAgain() {
        AutoCompactor compactor = compactor("--auto-compaction-retention=10m");
        proposed.answers.add(CompletableFuture.failedFuture(EtcdError.COMPACTED.exception()));
        pass(compactor, Duration.ofMinutes(20));
        assertEquals(List.of(61L), proposed.compactions);
    }

    @Test
    void whileACompactionIsUnderWayNoOtherIsAskedFor() {
        AutoCompactor compactor = compactor("--auto-compaction-retention=10m");
        CompletableFuture<ApplyResult> slow = new CompletableFuture<>();
        proposed.answers.add(slow);
        pass(compactor, Duration.ofMinutes(15));
        assertEquals(List.of(61L), proposed.compactions);
        assertTrue(slow.completeExceptionally(EtcdError.TIMEOUT.exception()));
        pass(compactor, Duration.ofMinutes(1));
        assertEquals(List.of(61L, 361L), proposed.compactions);
    }

    @Test
    void aNumberOfRevisionsIsKeptAlsoWhenACompactionFailed() {
        AutoCompactor compactor = compactor("--auto-compaction-mode=revision", "--auto-compaction-retention=1000");
        proposed.answers.add(CompletableFuture.failedFuture(EtcdError.TIMEOUT.exception()));
        pass(compactor, Duration.ofMinutes(20));
        assertEquals(List.of(201L), proposed.compactions);
        // Nothing was written meanwhile.
        compactor.look();
        compactor.look();
        assertEquals(List.of(201L, 201L), proposed.compactions);
    }

    @Test
    void aRetentionOfADayIsLookedAtEveryHour() {
        AutoCompactor compactor = compactor("--auto-compaction-retention=24");
        pass(compactor, Duration.ofHours(24));
        assertEquals(List.of(), proposed.compactions);
        pass(compactor, Duration.ofHours(3));
        assertEquals(3, proposed.compactions.size());
        assertEquals(3600, proposed.compactions.get(1) - proposed.compactions.get(0));
    }

    @Test
    void aNumberOfRevisionsIsKept() {
        AutoCompactor compactor = compactor("--auto-compaction-mode=revision", "--auto-compaction-retention=1000");
        assertEquals(Duration.ofMinutes(5).toMillis(), compactor.intervalMs());
        pass(compactor, Duration.ofMinutes(15));
        assertEquals(List.of(), proposed.compactions);
        pass(compactor, Duration.ofMinutes(10));
        assertEquals(List.of(201L, 501L), proposed.compactions);
    }

    @Test
    void onlyTheLeaderCompacts() {
        leading = false;
        AutoCompactor compactor = compactor("--auto-compaction-retention=10m");
        pass(compactor, Duration.ofMinutes(60));
        assertEquals(List.of(), proposed.compactions);
        leading = true;
        pass(compactor, Duration.ofMinutes(1));
        assertEquals(1, proposed.compactions.size());
    }
}
