package io.keelson.kvstore.apply;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.DeleteRangeResponse;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.PutResponse;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.ResponseHeader;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.api.TxnResponse;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.kvstore.mvcc.AnswerRoom;
import io.keelson.kvstore.mvcc.Compactor;
import io.keelson.kvstore.mvcc.EventSink;
import io.keelson.kvstore.mvcc.MvccStore;
import io.keelson.kvstore.mvcc.RevisionEvents;
import io.keelson.kvstore.storage.Database;
import io.keelson.kvstore.storage.StorageConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One member's store without a log: commands are applied as soon as they are given. One thread. */
public final class TestMember implements AutoCloseable {
    private static final long MIB = 1L << 20;
    /** Small, so that tests reach the bounds. */
    public static final StorageConfig CONFIG = new StorageConfig(8 * MIB, 8 * MIB, 0, 2, MIB, MIB, 0);

    private final Path folder;
    private final Database database;
    private final Compactor compactor;
    private final MvccStore store;
    private final KvStateMachine machine;
    private final Sink sink = new Sink();
    private boolean closed;

    /** Keeps everything it is told. */
    public static final class Sink implements EventSink {
        private final List<RevisionEvents> revisions = new ArrayList<>();

        @Override
        public void committed(List<RevisionEvents> batch) {
            revisions.addAll(batch);
        }

        @Override
        public void compacted(long revision) {}

        @Override
        public void restored(long revision) {
            revisions.clear();
        }

        public List<RevisionEvents> revisions() {
            return revisions;
        }
    }

    public TestMember(Path folder) {
        this(folder, 3, 0, 64 * MIB);
    }

    public TestMember(Path folder, int compactionBatch, long compactionPauseMs, long answerBytesMax) {
        this.folder = folder;
        try {
            database = Database.open(folder, CONFIG);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        compactor = new Compactor(database, compactionBatch, compactionPauseMs);
        store = new MvccStore(database, compactor, answerBytesMax);
        machine =
                new KvStateMachine(database, new TestLeases(), sink, compactor, CONFIG.batchBytesMax(), answerBytesMax);
        machine.reload();
    }

    public MvccStore store() {
        return store;
    }

    public Database database() {
        return database;
    }

    public KvStateMachine machine() {
        return machine;
    }

    public Sink sink() {
        return sink;
    }

    public static Command command(MessageLite request) {
        CommandKind kind = switch (request) {
            case PutRequest _ -> CommandKind.PUT;
            case DeleteRangeRequest _ -> CommandKind.DELETE_RANGE;
            case TxnRequest _ -> CommandKind.TXN;
            case CompactionRequest _ -> CommandKind.COMPACT;
            default -> throw new IllegalArgumentException(request.getClass().toString());
        };
        return Command.of(kind, request.toByteArray());
    }

    /** Applies a request as the one command of an entry of its own. */
    public ApplyResult apply(MessageLite request) {
        return apply(List.of(request)).getFirst();
    }

    /** Applies requests as one entry. */
    public List<ApplyResult> apply(List<? extends MessageLite> requests) {
        List<byte[]> commands = requests.stream().map(r -> command(r).encode()).toList();
        TestBatch batch = new TestBatch(List.of(new TestBatch.Entry(machine.appliedIndex() + 1, commands)), true);
        machine.apply(batch);
        List<ApplyResult> results = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            results.add(Objects.requireNonNull(batch.result(i)));
        }
        return results;
    }

    private <T extends MessageLite> T answered(MessageLite request, Parser<T> parser) {
        ApplyResult result = apply(request);
        if (result.error() != null) {
            throw new EtcdException(result.error());
        }
        return parse(result, parser);
    }

    /** The response as a client gets it. */
    public static <T extends MessageLite> T parse(ApplyResult result, Parser<T> parser) {
        return parse(result.revision(), result.body(), parser);
    }

    public static <T extends MessageLite> T parse(long revision, byte[] body, Parser<T> parser) {
        ByteString header = ByteString.copyFrom(new byte[] {0x0a})
                .concat(lengthPrefixed(ResponseHeader.newBuilder()
                        .setRevision(revision)
                        .build()
                        .toByteString()));
        try {
            return parser.parseFrom(header.concat(ByteString.copyFrom(body)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ByteString lengthPrefixed(ByteString content) {
        return ByteString.copyFrom(new byte[] {(byte) content.size()}).concat(content);
    }

    public PutResponse put(String key, String value) {
        return put(PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(ByteString.copyFromUtf8(value))
                .build());
    }

    public PutResponse put(PutRequest request) {
        return answered(request, PutResponse.parser());
    }

    public DeleteRangeResponse delete(String key, String end) {
        return delete(DeleteRangeRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setRangeEnd(ByteString.copyFromUtf8(end))
                .build());
    }

    public DeleteRangeResponse delete(DeleteRangeRequest request) {
        return answered(request, DeleteRangeResponse.parser());
    }

    public TxnResponse txn(TxnRequest request) {
        return answered(request, TxnResponse.parser());
    }

    public void compact(long revision) {
        ApplyResult result =
                apply(CompactionRequest.newBuilder().setRevision(revision).build());
        if (result.error() != null) {
            throw new EtcdException(result.error());
        }
    }

    /** Waits until what compactions made unreadable is gone from disk. */
    public void awaitCompacted() {
        if (store.compactRevision() >= 0) {
            store.compactionFinished(store.compactRevision())
                    .orTimeout(30, TimeUnit.SECONDS)
                    .join();
        }
    }

    public RangeResponse range(RangeRequest request) {
        try (AnswerRoom.Share room = store.answers().share(false)) {
            var result = store.range(request, room);
            return parse(result.revision(), result.body().toByteArray(), RangeResponse.parser());
        }
    }

    public RangeResponse range(String key, String end, long revision) {
        return range(RangeRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setRangeEnd(ByteString.copyFromUtf8(end))
                .setRevision(revision)
                .build());
    }

    /** The files as a crash at this moment would leave them, copied elsewhere; again, while they change meanwhile. */
    public void copyAsCrashed(Path target) {
        for (int attempt = 0; attempt < 1000; attempt++) {
            try {
                List<String> before = listing();
                copyTo(target);
                if (before.equals(listing())) {
                    return;
                }
            } catch (NoSuchFileException e) {
                // RocksDB has just removed a file: the next attempt copies what is there then.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        throw new IllegalStateException("the files of " + folder + " do not come to rest");
    }

    private void copyTo(Path target) throws IOException {
        if (Files.exists(target)) {
            try (Stream<Path> old = Files.walk(target)) {
                for (Path path : old.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
        Files.createDirectories(target);
        for (Path file : files()) {
            Path to = target.resolve(folder.relativize(file).toString());
            if (Files.isDirectory(file)) {
                Files.createDirectories(to);
            } else if (!file.getFileName().toString().equals("LOCK")) {
                Files.copy(file, to);
            }
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.sorted().toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private List<String> listing() throws IOException {
        List<String> names = new ArrayList<>();
        for (Path file : files()) {
            names.add(file + " " + Files.size(file) + " " + Files.getLastModifiedTime(file));
        }
        return names;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            compactor.close();
            database.close();
        }
    }
}
