package io.keelson.raft;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.raft.RaftNode.Priority;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MembershipTest {
    private static final RaftMember ONE = new RaftMember(1, false);
    private static final RaftMember TWO = new RaftMember(2, false);
    private static final RaftMember THREE = new RaftMember(3, false);
    private static final RaftMember FOUR = new RaftMember(4, false);
    private static final RaftMember LEARNING_FOUR = new RaftMember(4, true);

    @TempDir
    Path directory;

    @Test
    void aLearnerGetsTheLogHasNoVoteAndCanBePromoted() {
        try (TestCluster cluster = TestCluster.started(directory, 1)) {
            cluster.propose(1, "a");
            cluster.start(2);
            change(cluster, List.of(ONE, new RaftMember(2, true)));
            assertEquals(
                    1L,
                    Await.value(
                            "it has the log", 10_000, () -> cluster.machine(2).size() == 1 ? 1L : null));
            assertTrue(cluster.node(2).status().learner());
            change(cluster, List.of(ONE, TWO));
            Await.until("it knows", () -> !cluster.node(2).status().learner());
            assertEquals(Set.of(ONE, TWO), Set.copyOf(cluster.node(1).configuration()));
            cluster.propose(2, "b");
            cluster.agreeOn(2);
        }
    }

    /** An idle leader is where a promotion used to hang; a busy one is where it must not lose anything. */
    @Test
    void promotionWorksEveryTimeIdleAndUnderLoad() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            cluster.start(4);
            promoteAndDemote(cluster, 3);
            try (Load load = new Load(cluster)) {
                promoteAndDemote(cluster, 3);
                assertTrue(load.done.get() > 0);
            }
        }
    }

    @Test
    @Tag("long")
    void promotionWorksAHundredTimes() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            cluster.start(4);
            promoteAndDemote(cluster, 50);
            try (Load load = new Load(cluster)) {
                promoteAndDemote(cluster, 50);
                assertTrue(load.done.get() > 1_000);
            }
        }
    }

    @Test
    void aPromotedLearnerCountsForTheMajority() {
        try (TestCluster cluster = TestCluster.started(directory, 1)) {
            cluster.start(2);
            cluster.start(3);
            RaftMember learningTwo = new RaftMember(2, true);
            RaftMember learningThree = new RaftMember(3, true);
            change(cluster, List.of(ONE, learningTwo, learningThree));
            change(cluster, List.of(ONE, TWO, learningThree));
            change(cluster, List.of(ONE, TWO, THREE));
            cluster.stop(2);
            cluster.propose(1, "two of three");
            cluster.agreeOn(1);
            cluster.stop(1);
            cluster.start(2);
            cluster.propose(3, "the other two of three");
            cluster.agreeOn(2);
        }
    }

    /** jraft would leave such members without an election timer. */
    @Test
    void membersPromotedAfterARestartAsLearnersStandForElection() {
        try (TestCluster cluster = TestCluster.started(directory, 1)) {
            cluster.start(2);
            cluster.start(3);
            change(cluster, List.of(ONE, new RaftMember(2, true), new RaftMember(3, true)));
            cluster.propose(1, "a");
            cluster.agreeOn(1);
            cluster.stop(2);
            cluster.stop(3);
            cluster.start(2);
            cluster.start(3);
            cluster.agreeOn(1);
            change(cluster, List.of(ONE, TWO, THREE));
            cluster.propose(1, "b");
            cluster.agreeOn(2);
            Await.until(
                    "they know",
                    () -> cluster.node(2).configuration().contains(TWO)
                            && cluster.node(3).configuration().contains(THREE));
            cluster.stop(1);
            cluster.propose(2, "c");
            cluster.agreeOn(3);
        }
    }

    @Test
    void theLeaderCanRemoveItself() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            long leader = cluster.leader();
            List<RaftMember> rest = List.of(ONE, TWO, THREE).stream()
                    .filter(member -> member.id() != leader)
                    .toList();
            change(cluster, rest);
            Await.until(
                    "another leads",
                    () -> cluster.running().stream().filter(id -> id != leader).allMatch(id -> {
                        long now = cluster.node(id).status().leaderId();
                        return now != 0 && now != leader;
                    }));
            long other = rest.getFirst().id();
            cluster.propose(other, "without it");
            assertFalse(cluster.node(leader).status().leading());
            assertEquals(Set.copyOf(rest), Set.copyOf(cluster.node(other).configuration()));
        }
    }

    @Test
    void severalMembersAreReplacedInOneCall() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            cluster.propose(1, "a");
            cluster.start(4);
            cluster.start(5);
            List<RaftMember> target = List.of(new RaftMember(cluster.leader(), false), FOUR, new RaftMember(5, false));
            change(cluster, target);
            assertEquals(
                    Set.copyOf(target),
                    Set.copyOf(cluster.node(cluster.leader()).configuration()));
            cluster.propose(4, "b");
            Await.until("the new one has it", () -> cluster.machine(5).size() == 2);
        }
    }

    @Test
    void aSecondCallWithTheSameMembersDoesNothing() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            List<RaftMember> same = List.of(ONE, TWO, THREE);
            long before = cluster.node(cluster.leader()).status().committedIndex();
            change(cluster, same);
            change(cluster, same);
            assertTrue(cluster.node(cluster.leader()).status().committedIndex() <= before + 1);
        }
    }

    @Test
    void impossibleSetsAreRefused() {
        try (TestCluster cluster = TestCluster.started(directory, 1)) {
            assertRefused(cluster, List.of());
            assertRefused(cluster, List.of(new RaftMember(1, true)));
            assertRefused(cluster, List.of(ONE, ONE));
            assertRefused(cluster, List.of(ONE, new RaftMember(0, false)));
        }
    }

    @Test
    void aMemberThatCannotBeReachedIsNotPromotedAndStaysALearner() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            cluster.start(4);
            change(cluster, List.of(ONE, TWO, THREE, LEARNING_FOUR));
            cluster.stop(4);
            assertThrows(RaftException.BadConfiguration.class, () -> change(cluster, List.of(ONE, TWO, THREE, FOUR)));
            assertTrue(cluster.node(cluster.leader()).configuration().contains(LEARNING_FOUR));
        }
    }

    @Test
    void onlyTheLeaderChangesMembers() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            assertThrows(
                    RaftException.NotLeader.class,
                    () -> TestCluster.get(
                            cluster.node(cluster.follower()).reconfigure(List.of(ONE, TWO, THREE, LEARNING_FOUR))));
        }
    }

    @Test
    void theLeaderKnowsWhatTheOthersHold() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            cluster.propose(1, "x");
            cluster.agreeOn(1);
            long leader = cluster.leader();
            long index = cluster.machine(leader).appliedIndex();
            Await.until("both acknowledge", () -> {
                Map<Long, Long> held = cluster.node(leader).replicatedIndexes();
                return held.size() == 2 && held.values().stream().allMatch(at -> at >= index);
            });
            assertTrue(cluster.node(cluster.follower()).replicatedIndexes().isEmpty());
        }
    }

    @Test
    void aMemberThatWasRemovedWhileItWasAwayIsToldByTheOthers() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            cluster.propose(cluster.leader(), "a");
            cluster.agreeOn(1);
            long gone = cluster.follower();
            cluster.stop(gone);
            Set<Long> rest = Set.copyOf(cluster.running());
            List<RaftMember> kept =
                    rest.stream().map(id -> new RaftMember(id, false)).toList();
            rest.forEach(id -> cluster.node(id).updateRemoved(Set.of(gone)));
            change(cluster, kept);
            cluster.start(gone);
            Await.until("both tell it", () -> cluster.node(gone).removedBy().equals(rest));
            cluster.propose(cluster.leader(), "b");
            rest.forEach(id -> assertEquals(Set.of(), cluster.node(id).removedBy()));
        }
    }

    @Test
    void whoIsStillInTheConfigurationIsNotRefused() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            long leader = cluster.leader();
            for (long id : cluster.running()) {
                cluster.node(id).updateRemoved(Set.of(leader));
            }
            // Longer than it takes a member to look who is to be refused.
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(600);
            while (System.nanoTime() - end < 0) {
                cluster.propose(leader, "a");
            }
            assertEquals(leader, cluster.leader());
            List<RaftMember> others = cluster.running().stream()
                    .filter(id -> id != leader)
                    .map(id -> new RaftMember(id, false))
                    .toList();
            change(cluster, others);
            Await.until("it is told", () -> cluster.node(leader).removedBy().size() == 2);
        }
    }

    @Test
    void oneMemberAloneGoesOnWithItsDataAfterForceNewCluster() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            cluster.propose(1, "kept");
            cluster.agreeOn(1);
            cluster.stopAll();
            cluster.with(config -> new Changed(config).forceNewCluster().config());
            cluster.start(2);
            cluster.propose(2, "alone");
            assertEquals(List.of("kept", "alone"), cluster.machine(2).commands());
            assertEquals(List.of(TWO), cluster.node(2).configuration());
            cluster.stop(2);
            // Who is told so again, as by flags that were left as they were, starts as well.
            cluster.start(2);
            cluster.propose(2, "again");
            cluster.stop(2);
            cluster.with(config -> config);
            cluster.start(2);
            cluster.propose(2, "still");
            assertEquals(List.of(TWO), cluster.node(2).configuration());
        }
    }

    private static void promoteAndDemote(TestCluster cluster, int times) {
        for (int i = 0; i < times; i++) {
            change(cluster, List.of(ONE, TWO, THREE, LEARNING_FOUR));
            change(cluster, List.of(ONE, TWO, THREE, FOUR));
            assertTrue(cluster.node(cluster.leader()).configuration().contains(FOUR));
            change(cluster, List.of(ONE, TWO, THREE));
        }
    }

    private static void change(TestCluster cluster, List<RaftMember> members) {
        TestCluster.get(cluster.node(cluster.leader()).reconfigure(members));
    }

    private static void assertRefused(TestCluster cluster, List<RaftMember> members) {
        assertThrows(RaftException.BadConfiguration.class, () -> change(cluster, members));
    }

    /** Proposes on members 1 to 3, a bounded number at a time, until closed. */
    private static final class Load implements AutoCloseable {
        private final AtomicBoolean stop = new AtomicBoolean();
        private final AtomicInteger done = new AtomicInteger();
        private final Thread thread;

        Load(TestCluster cluster) {
            Semaphore underWay = new Semaphore(64);
            thread = Thread.ofVirtual().start(() -> {
                for (int i = 0; !stop.get(); i++) {
                    underWay.acquireUninterruptibly();
                    CompletableFuture<Object> _ = cluster.node(1 + i % 3)
                            .propose(("load " + i).getBytes(UTF_8), Priority.NORMAL)
                            .whenComplete((value, error) -> {
                                underWay.release();
                                if (error == null) {
                                    done.incrementAndGet();
                                }
                            });
                }
            });
        }

        @Override
        public void close() {
            stop.set(true);
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
