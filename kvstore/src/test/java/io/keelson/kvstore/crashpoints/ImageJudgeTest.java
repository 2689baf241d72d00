package io.keelson.kvstore.crashpoints;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.StatusRequest;
import io.keelson.kvstore.crashpoints.Control.Applied;
import io.keelson.kvstore.crashpoints.Control.Entry;
import io.keelson.kvstore.crashpoints.Control.Vote;
import io.keelson.kvstore.crashpoints.ImageJudge.Promises;
import io.keelson.kvstore.crashpoints.ImageOpening.Answer;
import io.keelson.kvstore.crashpoints.ImageOpening.Question;
import io.keelson.kvstore.server.KvServer;
import io.keelson.kvstore.server.config.ServerConfig;
import io.keelson.kvstore.storage.AppliedState;
import io.keelson.kvstore.storage.Database;
import io.keelson.kvstore.storage.StorageConfig;
import io.keelson.raft.FreePorts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Images of a member that is well are right, and what is lacking in one that was damaged is named. */
@Timeout(60)
class ImageJudgeTest {
    private static final Set<String> NO_ONE_ASKED = Set.of();

    @TempDir
    static Path folder = Path.of("");

    private static String peerUrl = "";
    private static Chronicle chronicle = new Chronicle(List.of());
    /** After half of the writes, and after all of them. */
    private static Path half = Path.of("");

    private static Path whole = Path.of("");
    /** After the member was stopped in peace, which wrote its state. */
    private static Path stopped = Path.of("");

    private static Promises promises = new Promises(new Entry(0, 0), new Vote(0, 0), new Applied(0, 0));

    @BeforeAll
    static void makeImages() throws Exception {
        peerUrl = "http://127.0.0.1:" + FreePorts.one();
        Path data = folder.resolve("data");
        KvServer server = KvServer.start(ServerConfig.of(
                "--name=m0",
                "--data-dir=" + data,
                "--listen-client-urls=http://127.0.0.1:0",
                "--advertise-client-urls=http://127.0.0.1:0",
                "--listen-peer-urls=" + peerUrl,
                "--initial-advertise-peer-urls=" + peerUrl,
                "--initial-cluster=m0=" + peerUrl));
        try {
            chronicle.close();
            chronicle = new Chronicle(List.of(server.channel()));
            write(server, 0);
            half = image(data, "half");
            write(server, 1);
            whole = image(data, "whole");
            var status = MaintenanceGrpc.newBlockingStub(server.channel()).status(StatusRequest.getDefaultInstance());
            promises = new Promises(
                    new Entry(status.getRaftTerm(), status.getRaftAppliedIndex()),
                    new Vote(status.getRaftTerm(), 0),
                    new Applied(status.getRaftAppliedIndex(), status.getHeader().getRevision()));
            assertTrue(chronicle.await(status.getHeader().getRevision(), Duration.ofSeconds(20)));
        } finally {
            server.close();
        }
        stopped = image(data, "stopped");
        promises = new Promises(
                promises.entry(), new Vote(open(whole).term(), open(whole).vote()), promises.applied());
    }

    @AfterAll
    static void close() {
        chronicle.close();
    }

    private static void write(KvServer server, int part) {
        KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(server.channel());
        for (int i = 0; i < 30; i++) {
            var _ = kv.put(PutRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8("key" + i % 7))
                    .setValue(ByteString.copyFromUtf8("value" + part + "/" + i))
                    .build());
        }
        var _ = kv.deleteRange(DeleteRangeRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("key" + part))
                .build());
    }

    private static Path image(Path data, String name) throws Exception {
        Path image = folder.resolve(name);
        FolderImage.copy(data, image, 0);
        return image;
    }

    /** A copy that a test may damage. */
    private static Path copy(Path image, String name) throws Exception {
        Path copy = folder.resolve(name);
        FolderImage.copy(image, copy, 0);
        return copy;
    }

    private static Answer open(Path image) {
        return ImageOpening.open(
                new Question(image.toString(), "m0", peerUrl, promises.entry().index(), true, true));
    }

    private static List<String> judged(Path image, Promises promised) throws InterruptedException {
        ImageJudge judge = new ImageJudge(
                chronicle, Set.of(peerUrl), () -> promises.entry().term());
        return judge.judge(promised, open(image), () -> open(image));
    }

    private static void assertNamed(String what, List<String> wrong) {
        assertTrue(wrong.stream().anyMatch(each -> each.contains(what)), wrong::toString);
    }

    @Test
    void whatIsRightIsFoundRight() throws Exception {
        assertEquals(List.of(), judged(whole, promises));
        assertEquals(List.of(), judged(stopped, promises));
        assertEquals(List.of(), judged(half, new Promises(new Entry(0, 0), new Vote(0, 0), new Applied(0, 0))));
        Path nobody = Files.createDirectories(folder.resolve("nobody"));
        assertEquals(List.of(), judged(nobody, new Promises(new Entry(0, 0), new Vote(0, 0), new Applied(0, 0))));
    }

    @Test
    void lostEntriesAreNamed() throws Exception {
        List<String> wrong = judged(half, promises);
        assertNamed("for the one that was stored: " + promises.entry(), wrong);
        assertNamed("was seen; the start has", wrong);
    }

    @Test
    void aStateWhoseIndexIsAheadOfItsDataIsNamed() throws Exception {
        Path damaged = copy(whole, "ahead");
        FolderImage.delete(damaged.resolve("db"));
        FolderImage.copy(half.resolve("db"), damaged.resolve("db"), 0);
        try (Database database = Database.open(damaged.resolve("db"), StorageConfig.defaults())) {
            AppliedState now = database.published();
            database.session()
                    .commit(new AppliedState(
                            promises.entry().index() - 3,
                            promises.entry().term(),
                            0,
                            0,
                            now.revision(),
                            now.compactRevision()));
            database.flush();
        }
        List<String> wrong = judged(damaged, promises);
        assertNamed("was seen; the start has", wrong);
        assertNamed("which is what was committed up to revision " + revision(half), wrong);
    }

    private static long revision(Path image) {
        return open(image).written().revision();
    }

    @Test
    void aStateThatWasNotCommittedIsNamed() throws Exception {
        Path damaged = copy(half, "other");
        try (Database database = Database.open(damaged.resolve("db"), StorageConfig.defaults())) {
            AppliedState now = database.published();
            database.session()
                    .commit(new AppliedState(now.index(), now.term(), 0, 0, now.revision() + 5, now.compactRevision()));
            database.flush();
        }
        assertNamed("is not what was committed up to its revision", judged(damaged, promises));
    }

    @Test
    void aVoteThatWasForgottenIsNamed() throws Exception {
        Path damaged = copy(whole, "vote");
        Files.delete(damaged.resolve("raft").resolve("term"));
        assertNamed("the vote is of term 0", judged(damaged, promises));
    }

    @Test
    void whatDoesNotOpenIsNamed() throws Exception {
        Path damaged = copy(whole, "log");
        Path log = damaged.resolve("raft").resolve("log").resolve("0000000000000001.log");
        byte[] bytes = Files.readAllBytes(log);
        bytes[4_200] ^= 1;
        Files.write(log, bytes);
        assertNamed("cannot open", judged(damaged, promises));
        Path unknown = copy(whole, "unknown");
        Files.move(unknown.resolve("identity.json"), folder.resolve("identity"), StandardCopyOption.REPLACE_EXISTING);
        assertNamed("not whose they are", judged(unknown, promises));
    }

    @Test
    void membersThatNobodyAskedForAreNamed() throws Exception {
        ImageJudge judge =
                new ImageJudge(chronicle, NO_ONE_ASKED, () -> promises.entry().term());
        List<String> wrong = judge.judge(promises, open(stopped), () -> open(stopped));
        assertNamed("nobody asked for member", wrong);
        assertNamed("the voters are", wrong);
    }
}
