package io.keelson.raft;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.raft.RaftNode.Priority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotTest {
    @TempDir
    Path directory;

    @Test
    void aMemberStartsFromItsSnapshotAndTheLogAfterIt() {
        try (TestCluster cluster = TestCluster.started(directory, 1)) {
            propose(cluster, 1, 0, 100);
            TestCluster.get(cluster.node(1).snapshot());
            propose(cluster, 1, 100, 50);
            List<String> before = cluster.machine(1).commands();
            cluster.stop(1);
            cluster.start(1);
            cluster.leader();
            cluster.propose(1, "last");
            assertEquals(1, cluster.machine(1).restores());
            assertEquals(before, cluster.machine(1).commands().subList(0, 150));
        }
    }

    @Test
    void commandsAreAppliedWhileASnapshotIsWrittenAndAreNotAppliedAgainAfterIt() {
        try (TestCluster cluster = TestCluster.started(directory, 1)) {
            propose(cluster, 1, 0, 10);
            CountDownLatch slow = cluster.machine(1).holdSnapshot();
            CompletableFuture<Void> snapshot = cluster.node(1).snapshot();
            propose(cluster, 1, 10, 10);
            slow.countDown();
            TestCluster.get(snapshot);
            cluster.stop(1);
            cluster.start(1);
            cluster.leader();
            cluster.propose(1, "last");
            assertEquals(21, cluster.machine(1).size());
            assertEquals(1, cluster.machine(1).restores());
        }
    }

    @Test
    void aStateMachineThatIsAheadOfTheSnapshotIsNotThrownBack() {
        try (TestCluster cluster = TestCluster.started(directory, 1)) {
            propose(cluster, 1, 0, 10);
            TestCluster.get(cluster.node(1).snapshot());
            propose(cluster, 1, 10, 10);
            ListMachine kept = cluster.machine(1);
            cluster.stop(1);
            cluster.start(1, kept);
            cluster.leader();
            cluster.propose(1, "last");
            assertEquals(0, kept.restores());
            assertEquals(21, kept.size());
        }
    }

    @Test
    void clusterTimeGoesOnAfterAStartFromASnapshotWithNothingBehindIt() throws InterruptedException {
        try (TestCluster cluster = TestCluster.started(directory, 1)) {
            propose(cluster, 1, 0, 10);
            Thread.sleep(1_500);
            TestCluster.get(cluster.node(1).snapshot());
            goesOnAfterRestart(cluster, new ListMachine());
        }
    }

    @Test
    void clusterTimeGoesOnAfterAStartOfAStateMachineThatHasAll() throws InterruptedException {
        try (TestCluster cluster = TestCluster.started(directory, 1)) {
            Thread.sleep(1_500);
            propose(cluster, 1, 0, 10);
            goesOnAfterRestart(cluster, cluster.machine(1));
        }
    }

    private static void goesOnAfterRestart(TestCluster cluster, ListMachine machine) {
        cluster.stop(1);
        cluster.start(1, machine);
        cluster.leader();
        Object place = cluster.propose(1, "last");
        long time = cluster.machine(1).times().getLast();
        assertTrue(time >= 1_500, "command " + place + " has time " + time);
    }

    @Test
    void snapshotsAreTakenBySize() throws IOException {
        try (TestCluster cluster = TestCluster.started(
                directory, 1, config -> new Changed(config).snapshots(100, 10).config())) {
            for (int i = 0; i < 300; i++) {
                cluster.propose(1, "c" + i);
            }
            Await.until("a snapshot is there", () -> !snapshots(1).isEmpty());
            assertTrue(snapshots(1).size() <= 2, snapshots(1).toString());
        }
    }

    @Test
    void aMemberThatWasAwayTooLongCatchesUpByASnapshotOfAnother() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            long away = cluster.follower();
            propose(cluster, cluster.leader(), 0, 10);
            cluster.stop(away);
            propose(cluster, cluster.leader(), 10, 200);
            TestCluster.get(cluster.node(cluster.leader()).snapshot());
            propose(cluster, cluster.leader(), 210, 10);
            TestCluster.get(cluster.node(cluster.leader()).snapshot());
            propose(cluster, cluster.leader(), 220, 10);
            cluster.start(away);
            cluster.agreeOn(230);
            assertEquals(1, cluster.machine(away).restores());
            cluster.propose(away, "back");
            cluster.agreeOn(231);
        }
    }

    @Test
    void aMemberThatIsALittleBehindFindsTheLogOnAndNeedsNoSnapshot() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            long away = cluster.follower();
            propose(cluster, cluster.leader(), 0, 10);
            TestCluster.get(cluster.node(cluster.leader()).snapshot());
            propose(cluster, cluster.leader(), 10, 10);
            cluster.agreeOn(20);
            cluster.stop(away);
            propose(cluster, cluster.leader(), 20, 100);
            TestCluster.get(cluster.node(cluster.leader()).snapshot());
            cluster.start(away);
            cluster.agreeOn(120);
            assertEquals(0, cluster.machine(away).restores());
        }
    }

    @Test
    void aNewMemberCatchesUpByASnapshotUnderLoad() {
        try (TestCluster cluster = TestCluster.started(directory, 3)) {
            propose(cluster, 1, 0, 500);
            TestCluster.get(cluster.node(cluster.leader()).snapshot());
            propose(cluster, 1, 500, 500);
            TestCluster.get(cluster.node(cluster.leader()).snapshot());
            cluster.start(4);
            CompletableFuture<Void> changed = cluster.node(cluster.leader())
                    .reconfigure(List.of(
                            new RaftMember(1, false),
                            new RaftMember(2, false),
                            new RaftMember(3, false),
                            new RaftMember(4, true)));
            propose(cluster, 2, 1_000, 1_000);
            TestCluster.get(changed);
            cluster.agreeOn(2_000);
            assertTrue(cluster.machine(4).restores() >= 1);
        }
    }

    private List<Path> snapshots(long member) {
        Path folder = directory.resolve("member-" + member).resolve("snapshot");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(path -> path.getFileName().toString().startsWith("snapshot_"))
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void propose(TestCluster cluster, long at, int from, int count) {
        List<CompletableFuture<Object>> results = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            results.add(cluster.node(at).propose(("c" + i).getBytes(UTF_8), Priority.NORMAL));
            if (i % 10 == 9) {
                // Several entries, not one: the log must have something to drop.
                results.forEach(TestCluster::get);
                results.clear();
            }
        }
        results.forEach(TestCluster::get);
    }
}
