package io.keelson.raft;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.raft.RaftNode.Priority;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplicationTest {
    @TempDir
    Path directory;

    @Test
    void aCommandIsAppliedOnEveryMemberWhereverItWasProposed() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            assertEquals(1L, cluster.propose(1, "one"));
            assertEquals(2L, cluster.propose(2, "two"));
            assertEquals(3L, cluster.propose(3, "three"));
            cluster.agreeOn(3);
            assertEquals(List.of("one", "two", "three"), cluster.machine(1).commands());
        }
    }

    @Test
    void aSingleMemberIsACluster() {
        try (TestCluster cluster = TestCluster.started(directory, 1)) {
            assertEquals(1L, cluster.propose(1, "alone"));
            assertTrue(cluster.node(1).status().leading());
            long index = TestCluster.get(cluster.node(1).readPoint());
            assertTrue(index >= cluster.machine(1).appliedIndex() - 1, "read point " + index);
        }
    }

    /** One after the other, so that nothing but a heartbeat follows an entry, and each would wait for most of a second. */
    @Test
    void aFollowerHearsOfACommitWithoutWaitingForAHeartbeat() {
        int heartbeatMs = 400;
        try (TestCluster cluster = TestCluster.started(
                directory,
                3,
                config -> new Changed(config).heartbeat(heartbeatMs, 1_200).config())) {
            long follower = cluster.follower();
            List<Long> tookMs = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                long beginNs = System.nanoTime();
                cluster.propose(follower, "c" + i);
                tookMs.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beginNs));
            }
            long medianMs = tookMs.stream().sorted().toList().get(tookMs.size() / 2);
            assertTrue(medianMs < heartbeatMs / 2, tookMs.toString());
            cluster.agreeOn(9);
        }
    }

    @Test
    void theTimersOfAMemberAreOnThreadsThatAllShare() {
        try (TestCluster cluster = TestCluster.started(directory, 1)) {
            cluster.propose(1, "alone");
            List<String> timers = Thread.getAllStackTraces().keySet().stream()
                    .map(Thread::getName)
                    .filter(name -> name.toLowerCase(Locale.ROOT).matches(".*raft.*timer.*"))
                    .sorted()
                    .toList();
            assertFalse(timers.isEmpty());
            assertEquals(List.of("raft-timer-1", "raft-timer-2").subList(0, Math.min(2, timers.size())), timers);
        }
    }

    @Test
    void manyCommandsOfAllMembersShareEntriesAndEachIsAppliedOnce() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            int each = 2_000;
            List<CompletableFuture<Object>> results = new ArrayList<>();
            for (int i = 0; i < each; i++) {
                for (long member : cluster.running()) {
                    results.add(cluster.node(member).propose((member + "/" + i).getBytes(UTF_8), Priority.NORMAL));
                }
            }
            Set<Object> positions = new HashSet<>();
            results.forEach(result -> positions.add(TestCluster.get(result)));
            assertEquals(3 * each, positions.size());
            cluster.agreeOn(3 * each);
            assertEquals(3 * each, new HashSet<>(cluster.machine(1).commands()).size());
            long entries = cluster.machine(1).appliedIndex();
            assertTrue(entries < 3 * each / 4, "commands hardly shared entries: " + entries);
        }
    }

    @Test
    void aCommandThatIsTooLargeIsRefused() {
        try (TestCluster cluster = TestCluster.started(directory, 1)) {
            byte[] large = new byte[cluster.config(1, List.of()).commandBytesMax() + 1];
            assertThrows(
                    RaftException.TooLarge.class,
                    () -> TestCluster.get(cluster.node(1).propose(large, Priority.SYSTEM)));
        }
    }

    @Test
    void theLargestCommandGoesThroughFromAFollower() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            String large = "x".repeat(cluster.config(1, List.of()).commandBytesMax());
            cluster.propose(cluster.follower(), large);
            cluster.agreeOn(1);
        }
    }

    @Test
    void whenTooManyWaitNormalCommandsAreRefusedAndSystemOnesAreNot() {
        try (TestCluster cluster = TestCluster.started(
                directory,
                1,
                config -> new Changed(config).waitingCommandsMax(10).config())) {
            CountDownLatch held = cluster.machine(1).hold();
            List<CompletableFuture<Object>> taken = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                taken.add(cluster.node(1).propose(("n" + i).getBytes(UTF_8), Priority.NORMAL));
            }
            CompletableFuture<Object> refused = cluster.node(1).propose("too many".getBytes(UTF_8), Priority.NORMAL);
            assertThrows(RaftException.Overloaded.class, () -> TestCluster.get(refused));
            taken.add(cluster.node(1).propose("system".getBytes(UTF_8), Priority.SYSTEM));
            held.countDown();
            taken.forEach(TestCluster::get);
            assertEquals(11L, cluster.machine(1).size());
            assertFalse(cluster.machine(1).commands().contains("too many"));
            assertEquals(12L, cluster.propose(1, "again"));
        }
    }

    @Test
    void tooManyWaitingBytesAreRefusedToo() {
        try (TestCluster cluster = TestCluster.started(
                directory,
                1,
                config -> new Changed(config).waitingBytesMax(1_000).config())) {
            CountDownLatch held = cluster.machine(1).hold();
            CompletableFuture<Object> taken = cluster.node(1).propose(new byte[900], Priority.NORMAL);
            CompletableFuture<Object> refused = cluster.node(1).propose(new byte[101], Priority.NORMAL);
            assertThrows(RaftException.Overloaded.class, () -> TestCluster.get(refused));
            held.countDown();
            TestCluster.get(taken);
        }
    }

    @Test
    void clusterTimeNeverGoesBackAndIsTheSameEverywhere() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 20; i++) {
                    cluster.propose(1 + i % 3, "c" + round + "." + i);
                }
                long next = cluster.follower();
                TestCluster.get(cluster.node(cluster.leader()).transferLeadership(next));
                Await.until("the new leader is ready", () -> cluster.leader() == next);
            }
            cluster.agreeOn(60);
            List<Long> times = cluster.machine(1).times();
            assertEquals(times, cluster.machine(2).times());
            assertEquals(times, cluster.machine(3).times());
            for (int i = 1; i < times.size(); i++) {
                assertTrue(times.get(i - 1) <= times.get(i), "time went back at command " + i);
            }
            long leaderTime = cluster.node(cluster.leader()).clusterTimeMs();
            assertTrue(leaderTime >= times.getLast(), leaderTime + " is before " + times.getLast());
        }
    }

    @Test
    void afterARestartOfAllTheLogIsThere() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            for (int i = 0; i < 50; i++) {
                cluster.propose(1 + i % 3, "c" + i);
            }
            cluster.agreeOn(50);
            List<String> before = cluster.machine(1).commands();
            long time = cluster.node(cluster.leader()).clusterTimeMs();
            cluster.stopAll();
            for (long id = 1; id <= 3; id++) {
                cluster.start(id);
            }
            cluster.leader();
            cluster.propose(1, "after");
            cluster.agreeOn(51);
            assertEquals(before, cluster.machine(2).commands().subList(0, 50));
            assertTrue(cluster.machine(1).times().getLast()
                    >= cluster.machine(1).times().get(49));
            assertTrue(time >= cluster.machine(1).times().get(49));
        }
    }

    @Test
    void aStateMachineThatFailsTakesItsMemberOutOfServiceAndTheOthersGoOn() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            cluster.propose(1, "good");
            long leader = cluster.leader();
            cluster.machine(leader).failOn("poison");
            RaftException told = assertThrows(RaftException.class, () -> cluster.propose(leader, "poison"));
            assertInstanceOf(RaftException.OutcomeUnknown.class, told);
            RaftNode broken = cluster.node(leader);
            Await.until("the failure shows", () -> !broken.status().failure().isEmpty());
            assertTrue(
                    broken.status().failure().contains("told to fail on poison"),
                    broken.status().failure());
            assertThrows(RaftException.Stopped.class, () -> cluster.propose(leader, "more"));
            long other = cluster.running().stream()
                    .filter(id -> id != leader)
                    .findFirst()
                    .orElseThrow();
            cluster.propose(other, "on");
            assertTrue(cluster.machine(other).commands().containsAll(List.of("good", "poison", "on")));
        }
    }
}
