package io.keelson.kvstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real etcdctl, with a real etcd and with our server.
 *
 * <p>Needs {@code KEELSON_ETCD} and {@code KEELSON_ETCDCTL}, or both on the path; skipped without.
 */
final class KeelsonForEtcdctlTest extends CommandScripts {
    @TempDir
    Path folder = Path.of("");

    private final List<StoreServer> running = new ArrayList<>();

    /**
     * A cluster's first term is 2 for etcd and 1 here (4 is the number of its field in a header). Hashes are of what is on
     * disk. An etcd forgets that a member is a learner when its URLs are updated.
     */
    @Override
    String alike(String output) {
        return output.replaceAll("\"raft_?[tT]erm\":\\d+", "\"raft_term\":T")
                .replaceAll("\"RaftTerm\" : \\d+", "\"RaftTerm\" : T")
                .replaceAll("\\x20[\\x01\\x02]", " T")
                .replaceAll("\"version\":\"3[.0-9]+\"", "\"version\":V")
                .replaceAll("\"hash\":\\d+,?", "")
                .replaceAll(",?\"isLearner\":true", "");
    }

    @Override
    List<Side> sides() throws Exception {
        Optional<File> etcd = EtcdServer.find("KEELSON_ETCD", "etcd");
        Optional<File> etcdctl = EtcdServer.find("KEELSON_ETCDCTL", "etcdctl");
        assumeTrue(etcd.isPresent() && etcdctl.isPresent(), "no etcd to compare with");
        CommandProgram program = new CommandProgram.Etcdctl(etcdctl.orElseThrow());
        List<Place> places = Place.ofOne();
        EtcdServer theirs = new EtcdServer(etcd.orElseThrow(), Files.createDirectories(folder.resolve("etcd")), places);
        KeelsonServer ours = new KeelsonServer(folder.resolve("keelson"), places);
        running.addAll(List.of(theirs, ours));
        return List.of(new Side("etcd", program, theirs), new Side("Keelson", program, ours));
    }

    /** Without regard to whether this machine is fast enough for the first of them. */
    @Test
    @Tag("long")
    void etcdctlsOwnChecksRunAndLeaveNothingBehind() throws Exception {
        Side ours = sides().getLast();
        ours.server().startAfresh();
        CommandProgram patient = new CommandProgram.Etcdctl(
                EtcdServer.find("KEELSON_ETCDCTL", "etcdctl").orElseThrow(), 300);
        String endpoints = "--endpoints=" + ours.server().endpoint();
        CommandRun speed =
                patient.run(List.of("check", "perf", "--auto-compact", "--auto-defrag", endpoints), "", Map.of());
        assertTrue(speed.out().matches("(?s).*(PASS: Throughput is|FAIL: Throughput too low:) .*"), speed::toString);
        assertFalse(speed.out().contains("ERROR"), speed::toString);
        assertEquals(speed.exitCode() == 0, speed.out().endsWith("\nPASS\n"), speed::toString);
        CommandRun memory =
                patient.run(List.of("check", "datascale", "--auto-compact", "--auto-defrag", endpoints), "", Map.of());
        assertEquals(0, memory.exitCode(), memory::toString);
        assertTrue(memory.out().contains("PASS: Approximate system memory used : "), memory::toString);
        assertEquals("", run(ours, "get", "", "--prefix", "--keys-only").out());
    }

    @AfterEach
    void stop() {
        running.forEach(StoreServer::close);
    }
}
