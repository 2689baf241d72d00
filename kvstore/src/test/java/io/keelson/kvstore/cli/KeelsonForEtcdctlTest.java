package io.keelson.kvstore.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
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

    @AfterEach
    void stop() {
        running.forEach(StoreServer::close);
    }
}
