package io.keelson.kvstore.crashpoints;

import io.keelson.kvstore.api.HashKVRequest;
import io.keelson.kvstore.api.HashKVResponse;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.MaintenanceGrpc.MaintenanceBlockingStub;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.StatusRequest;
import io.keelson.kvstore.api.StatusResponse;
import io.keelson.kvstore.membership.Identity;
import io.keelson.kvstore.membership.MembershipStore;
import io.keelson.kvstore.mvcc.Compactor;
import io.keelson.kvstore.mvcc.KvHash;
import io.keelson.kvstore.mvcc.MvccStore;
import io.keelson.kvstore.server.KvServer;
import io.keelson.kvstore.server.StartFailure;
import io.keelson.kvstore.server.config.ServerConfig;
import io.keelson.kvstore.storage.AppliedState;
import io.keelson.kvstore.storage.Database;
import io.keelson.kvstore.storage.StorageConfig;
import io.keelson.raft.log.StoredLog;
import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Opens copies of an image of a member's folder as a start does, and tells what is in it. First the files are opened one by
 * one: the vote, the log, and the state as it was written. Then a member starts with all of it, is told to go on without the
 * others, which has it apply all that its log holds, and is stopped; then it is started once more, if asked.
 *
 * <p>It must not reach the members that run: it would speak in the name of the one whose image it is.
 */
final class ImageOpening {
    private static final long ANSWER_BYTES_MAX = 64L << 20;
    private static final int COMPACTION_CHANGES = 1;
    /** So that the compactor, which may take up its work, does next to nothing before it is closed. */
    private static final long COMPACTION_REST_MS = 10_000;

    private static final int CALL_SECONDS = 60;
    private static final int REVISIONS_MAX = 5_000;
    private static final int TERM_OFFSET = 4;
    private static final int VOTE_OFFSET = TERM_OFFSET + Long.BYTES;

    private ImageOpening() {}

    /**
     * What is asked of an image.
     *
     * @param folder a member's data folder; there must be room for copies beside it
     * @param name the member's
     * @param peerUrl where it may listen to others
     * @param index of an entry in the log whose term is asked for
     * @param again whether the member is started once more
     * @param eachRevision whether the hash at each revision is asked for that the log added to the state
     */
    record Question(String folder, String name, String peerUrl, long index, boolean again, boolean eachRevision)
            implements Serializable {}

    /**
     * What an image holds.
     *
     * @param failure what cannot be opened, and why; null if all can. What comes after it is of no meaning then
     * @param founded whether the member knows who it is; an image without that is one of nothing
     * @param term of the vote, 0 without one
     * @param vote {@link Control#checksum} of it
     * @param firstIndex of the log, and where it would begin if it has no entries
     * @param lastIndex of the log, 0 if it has no entries
     * @param lastTerm of the last entry, 0 if there is none
     * @param askedTerm of the entry asked for, 0 if the log does not have it
     * @param written the state as it was written
     * @param members in that state, by id in hexadecimal digits: their URLs, and behind a space whether they are learners
     * @param replayed the state after all that the log holds
     * @param again the same after another start, if one was asked for
     */
    record Answer(
            @Nullable String failure,
            boolean founded,
            long term,
            int vote,
            long firstIndex,
            long lastIndex,
            long lastTerm,
            long askedTerm,
            State written,
            TreeMap<String, String> members,
            State replayed,
            State again,
            TreeMap<Long, Integer> hashByRevision)
            implements Serializable {
        static Answer failed(String failure) {
            return new Answer(
                    failure,
                    true,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    State.NONE,
                    new TreeMap<>(),
                    State.NONE,
                    State.NONE,
                    new TreeMap<>());
        }

        static Answer nothing() {
            return new Answer(
                    null,
                    false,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    State.NONE,
                    new TreeMap<>(),
                    State.NONE,
                    State.NONE,
                    new TreeMap<>());
        }
    }

    /** A state of the store, see {@link AppliedState}, and its hash at its revision. */
    record State(long index, long revision, long compactRevision, int hash) implements Serializable {
        static final State NONE = new State(0, 0, -1, 0);
    }

    /** Opens copies of an image, which stays as it is. */
    static Answer open(Question question) {
        Path folder = Path.of(question.folder());
        Path copy = folder.resolveSibling(folder.getFileName() + "-files");
        Path start = folder.resolveSibling(folder.getFileName() + "-start");
        try {
            try {
                return open(question, folder, copy, start);
            } finally {
                FolderImage.delete(copy);
                FolderImage.delete(start);
            }
        } catch (IOException e) {
            return Answer.failed("the copies of the image cannot be removed: " + e);
        }
    }

    private static Answer open(Question question, Path folder, Path copy, Path start) {
        String doing = "who the member is";
        try {
            if (Identity.read(folder) == null) {
                return unfounded(folder);
            }
            FolderImage.copy(folder, copy, 0);
            doing = "the vote";
            long term = 0;
            int vote = 0;
            Path termFile = copy.resolve("raft").resolve("term");
            if (Files.exists(termFile)) {
                ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(termFile));
                term = bytes.getLong(TERM_OFFSET);
                byte[] name = new byte[Short.toUnsignedInt(bytes.getShort(VOTE_OFFSET))];
                bytes.get(VOTE_OFFSET + Short.BYTES, name);
                vote = Control.checksum(new String(name, StandardCharsets.US_ASCII));
            }
            doing = "the log";
            StoredLog log = StoredLog.read(copy.resolve("raft").resolve("log"), question.index());
            doing = "the state as it was written";
            TreeMap<String, String> members = new TreeMap<>();
            State written = written(copy.resolve("db"), members);
            doing = "a member with all of it";
            FolderImage.copy(folder, start, 0);
            TreeMap<Long, Integer> hashes = new TreeMap<>();
            long from = question.eachRevision() ? written.revision() : Long.MAX_VALUE;
            State replayed = started(
                    question,
                    start,
                    log.last(),
                    from,
                    hashes,
                    "--heartbeat-interval=20",
                    "--election-timeout=100",
                    "--force-new-cluster");
            doing = "the member once more";
            State again = question.again()
                    ? started(question, start, replayed.index(), Long.MAX_VALUE, new TreeMap<>())
                    : replayed;
            return new Answer(
                    null,
                    true,
                    term,
                    vote,
                    log.first(),
                    log.last(),
                    log.lastTerm(),
                    log.askedTerm(),
                    written,
                    members,
                    replayed,
                    again,
                    hashes);
        } catch (IOException | StartFailure | RuntimeException e) {
            return Answer.failed("cannot open " + doing + ": " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Answer.failed("interrupted while opening " + doing);
        }
    }

    /** Who does not know yet who it is must not have begun to take part. */
    private static Answer unfounded(Path folder) {
        return Files.exists(folder.resolve("raft")) || Files.exists(folder.resolve("db"))
                ? Answer.failed("there is a log or a state, and not whose they are")
                : Answer.nothing();
    }

    private static State written(Path folder, Map<String, String> members) throws IOException {
        if (!Files.exists(folder)) {
            return State.NONE;
        }
        try (Database database = Database.open(folder, StorageConfig.defaults());
                Compactor compactor = new Compactor(database, COMPACTION_CHANGES, COMPACTION_REST_MS)) {
            KvHash hash = new MvccStore(database, compactor, ANSWER_BYTES_MAX).hashKv(0);
            AppliedState state = database.published();
            MembershipStore membership = new MembershipStore(database::session);
            membership.reload();
            for (Member member : membership.current().list()) {
                members.put(
                        Long.toHexString(member.getID()),
                        String.join(",", member.getPeerURLsList()) + " " + member.getIsLearner());
            }
            return new State(state.index(), hash.revision(), hash.compactRevision(), hash.hash());
        }
    }

    /**
     * Starts a member, and stops it once it has applied what its log holds.
     *
     * @param index which it must have applied
     * @param hashesFrom the first revision of which the hash is noted
     */
    private static State started(
            Question question, Path folder, long index, long hashesFrom, Map<Long, Integer> hashes, String... flags)
            throws IOException, StartFailure, InterruptedException {
        List<String> all = new ArrayList<>(List.of(
                "--name=" + question.name(),
                "--data-dir=" + folder,
                "--listen-client-urls=http://127.0.0.1:0",
                "--advertise-client-urls=http://127.0.0.1:0",
                "--listen-peer-urls=" + question.peerUrl(),
                "--initial-advertise-peer-urls=" + question.peerUrl(),
                "--initial-cluster=" + question.name() + "=" + question.peerUrl(),
                "--snapshot-count=1000000",
                "--unsafe-no-fsync"));
        all.addAll(List.of(flags));
        KvServer server = KvServer.start(ServerConfig.of(all.toArray(String[]::new)));
        try {
            MaintenanceBlockingStub maintenance =
                    MaintenanceGrpc.newBlockingStub(server.channel()).withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
            StatusResponse status = maintenance.status(StatusRequest.getDefaultInstance());
            if (!server.leading() || status.getRaftAppliedIndex() < index) {
                throw new IOException("it has applied " + status.getRaftAppliedIndex() + " of " + index
                        + " entries, and errors are " + status.getErrorsList());
            }
            HashKVResponse hash = maintenance.hashKV(HashKVRequest.getDefaultInstance());
            long first =
                    Math.max(Math.max(hashesFrom, hash.getCompactRevision()), hash.getHashRevision() - REVISIONS_MAX);
            for (long revision = first; revision <= hash.getHashRevision(); revision++) {
                hashes.put(
                        revision,
                        maintenance
                                .hashKV(HashKVRequest.newBuilder()
                                        .setRevision(revision)
                                        .build())
                                .getHash());
            }
            return new State(
                    status.getRaftAppliedIndex(), hash.getHashRevision(), hash.getCompactRevision(), hash.getHash());
        } finally {
            server.close();
        }
    }
}
