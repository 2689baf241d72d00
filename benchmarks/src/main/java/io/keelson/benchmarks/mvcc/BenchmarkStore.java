package io.keelson.benchmarks.mvcc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.apply.KvStateMachine;
import io.keelson.kvstore.lease.LeaseAttachments;
import io.keelson.kvstore.mvcc.Compactor;
import io.keelson.kvstore.mvcc.EventSink;
import io.keelson.kvstore.mvcc.MvccStore;
import io.keelson.kvstore.mvcc.RevisionEvents;
import io.keelson.kvstore.storage.Database;
import io.keelson.kvstore.storage.Session;
import io.keelson.kvstore.storage.StorageConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** A store filled with keys {@code /registry/pods/00000123}, in a folder that goes with it. */
final class BenchmarkStore implements AutoCloseable {
    private static final int FILL_BATCH = 500;
    private static final long ANSWER_BYTES_MAX = 1L << 30;

    private final Path folder;
    private final Database database;
    private final Compactor compactor;
    private final MvccStore store;
    private final KvStateMachine machine;
    private final Random random = new Random(1);
    private final int keys;
    private long index;

    BenchmarkStore(int keys, int valueBytes) throws IOException {
        this.keys = keys;
        folder = Files.createTempDirectory("benchmark");
        StorageConfig defaults = StorageConfig.defaults();
        StorageConfig config = new StorageConfig(
                defaults.blockCacheBytes(),
                Long.getLong("keelson.benchmark.writeBufferBytes", defaults.writeBufferBytes()),
                defaults.backgroundBytesPerSecondMax(),
                defaults.backgroundJobsMax(),
                Long.getLong("keelson.benchmark.recordCacheBytes", defaults.recordCacheBytes()),
                defaults.batchBytesMax(),
                defaults.slowReadNanos());
        database = Database.open(folder, config);
        compactor = Compactor.start(database);
        store = new MvccStore(database, compactor, ANSWER_BYTES_MAX);
        machine = new KvStateMachine(
                database, new NoLeases(), new Nobody(), compactor, config.batchBytesMax(), ANSWER_BYTES_MAX);
        machine.reload();
        index = machine.appliedIndex();
        for (int from = 0; from < keys; from += FILL_BATCH) {
            byte[][] commands = new byte[Math.min(FILL_BATCH, keys - from)][];
            for (int i = 0; i < commands.length; i++) {
                commands[i] = put(from + i, valueBytes);
            }
            apply(commands);
        }
    }

    static ByteString key(int number) {
        return ByteString.copyFromUtf8(String.format("/registry/pods/%08d", number));
    }

    int keys() {
        return keys;
    }

    int randomKey() {
        return random.nextInt(keys);
    }

    byte[] put(int number, int valueBytes) {
        byte[] value = new byte[valueBytes];
        random.nextBytes(value);
        return Command.of(
                        CommandKind.PUT,
                        PutRequest.newBuilder()
                                .setKey(key(number))
                                .setValue(UnsafeByteOperations.unsafeWrap(value))
                                .build()
                                .toByteArray())
                .encode();
    }

    void apply(byte[][] commands) {
        machine.apply(new PreparedBatch(++index, commands));
    }

    MvccStore store() {
        return store;
    }

    Database database() {
        return database;
    }

    @Override
    public void close() throws IOException {
        compactor.close();
        database.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static final class NoLeases implements LeaseAttachments {
        @Override
        public boolean exists(Session session, long leaseId) {
            return false;
        }

        @Override
        public void attach(Session session, long leaseId, byte[] key) {
            throw new IllegalStateException(new String(key, StandardCharsets.UTF_8));
        }

        @Override
        public void detach(Session session, long leaseId, byte[] key) {
            throw new IllegalStateException(new String(key, StandardCharsets.UTF_8));
        }
    }

    private static final class Nobody implements EventSink {
        @Override
        public void committed(List<RevisionEvents> batch) {}

        @Override
        public void compacted(long revision) {}

        @Override
        public void restored(long revision) {}
    }
}
