package io.keelson.raft;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.raft.RaftNode.Priority;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadPointTest {
    @TempDir
    Path directory;

    /**
     * One register that only grows (its value is the number of commands). A reader notes how many commands had been
     * answered before it asked; after its read point its member must hold at least as many.
     */
    @Test
    void aReadPointCoversEverythingAnsweredBeforeItWasAskedForEvenWhenLeadersChange() throws InterruptedException {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            AtomicInteger answered = new AtomicInteger();
            AtomicInteger reads = new AtomicInteger();
            AtomicBoolean stop = new AtomicBoolean();
            AtomicReference<@Nullable String> violation = new AtomicReference<>();
            List<Thread> threads = new ArrayList<>();
            for (long id : cluster.running()) {
                threads.add(Thread.ofVirtual().start(() -> {
                    while (!stop.get()) {
                        try {
                            TestCluster.get(cluster.node(id).propose("w".getBytes(UTF_8), Priority.NORMAL));
                            answered.incrementAndGet();
                        } catch (RaftException e) {
                            // Not answered, so nobody may rely on it.
                        }
                    }
                }));
                for (int r = 0; r < 4; r++) {
                    threads.add(Thread.ofVirtual().start(() -> {
                        while (!stop.get()) {
                            int before = answered.get();
                            try {
                                TestCluster.get(cluster.node(id).readPoint());
                            } catch (RaftException e) {
                                continue;
                            }
                            int seen = cluster.machine(id).size();
                            reads.incrementAndGet();
                            if (seen < before) {
                                violation.set("member " + id + " showed " + seen + " of " + before);
                            }
                        }
                    }));
                }
            }
            for (int round = 0; round < 5; round++) {
                int target = reads.get() + 300;
                Await.until("readers get on", () -> reads.get() > target);
                TestCluster.get(cluster.node(cluster.leader())
                        .transferLeadership(cluster.follower())
                        .exceptionally(e -> null));
            }
            stop.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(null, violation.get());
            assertTrue(reads.get() > 1_500);
        }
    }

    @Test
    void readersThatWaitTogetherShareARound() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            cluster.propose(1, "x");
            List<CompletableFuture<Long>> points = new ArrayList<>();
            for (int i = 0; i < 3_000; i++) {
                points.add(cluster.node(1 + i % 3).readPoint());
            }
            points.forEach(point -> assertTrue(TestCluster.get(point) > 0));
        }
    }

    @Test
    void aReadPointWaitsUntilThisMemberHasAppliedIt() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            long follower = cluster.follower();
            CountDownLatch held = cluster.machine(follower).hold();
            cluster.propose(cluster.leader(), "x");
            CompletableFuture<Long> point = cluster.node(follower).readPoint();
            TestCluster.get(cluster.node(cluster.leader()).readPoint());
            assertFalse(point.isDone());
            held.countDown();
            TestCluster.get(point);
            assertEquals(1, cluster.machine(follower).size());
        }
    }

    @Test
    void aLeaderThatIsCutOffGivesNoReadPoint() {
        try (TestCluster cluster = TestCluster.started(
                directory,
                3,
                config -> new Changed(config).proposalTimeoutMs(1_000).config())) {
            long leader = cluster.leader();
            for (long id : cluster.running()) {
                if (id != leader) {
                    cluster.stop(id);
                }
            }
            RaftException told = assertThrows(
                    RaftException.class,
                    () -> TestCluster.get(cluster.node(leader).readPoint()));
            assertTrue(
                    told instanceof RaftException.NoLeader || told instanceof RaftException.Timeout, told.toString());
        }
    }
}
