package io.keelson.kvstore.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * One RocksDB that is open, with its references counted: whoever reads or writes holds one, and the last to let go closes
 * it, so that replacing the database never pulls native memory from under a reader.
 */
final class RocksInstance {
    /** Batches up to this size are made in an array, which is quicker; it is what a session is usually committed at. */
    private static final long ARRAY_BYTES_MAX = 16L << 20;

    private final Failure failure;
    private final BackgroundPace pace;
    private final Path folder;
    private final DBOptions options;
    private final List<ColumnFamilyOptions> tableOptions;
    private final RocksDB db;
    private final List<ColumnFamilyHandle> allHandles;
    private final ColumnFamilyHandle[] handles = new ColumnFamilyHandle[Table.COUNT];
    private final int[] columnFamilyIds = new int[Table.COUNT];
    private final ReadOptions latest = new ReadOptions();
    private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
    private final AtomicInteger references = new AtomicInteger(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable Runnable whenClosed;

    private RocksInstance(
            Failure failure,
            BackgroundPace pace,
            Path folder,
            DBOptions options,
            List<ColumnFamilyOptions> tableOptions,
            RocksDB db,
            List<ColumnFamilyHandle> allHandles) {
        this.failure = failure;
        this.pace = pace;
        this.folder = folder;
        this.options = options;
        this.tableOptions = tableOptions;
        this.db = db;
        this.allHandles = allHandles;
        for (Table table : Table.values()) {
            ColumnFamilyHandle handle = allHandles.get(1 + table.slot());
            handles[table.slot()] = handle;
            columnFamilyIds[table.slot()] = handle.getID();
        }
    }

    /**
     * Opens the database in a folder, creating it if the folder is empty.
     *
     * @throws StorageException if it cannot be opened, or is damaged
     */
    static RocksInstance open(RocksResources resources, Path folder) {
        Failure failure = new Failure();
        DBOptions options = resources.databaseOptions();
        List<ColumnFamilyOptions> tableOptions = new ArrayList<>();
        List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
        ColumnFamilyOptions defaults = resources.tableOptions(Table.META);
        tableOptions.add(defaults);
        descriptors.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, defaults));
        for (Table table : Table.values()) {
            ColumnFamilyOptions forTable = resources.tableOptions(table);
            tableOptions.add(forTable);
            descriptors.add(
                    new ColumnFamilyDescriptor(table.columnFamily().getBytes(StandardCharsets.UTF_8), forTable));
        }
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try {
            RocksDB db = RocksDB.open(options, folder.toString(), descriptors, handles);
            return new RocksInstance(failure, resources.pace(), folder, options, tableOptions, db, handles);
        } catch (RocksDBException e) {
            tableOptions.forEach(ColumnFamilyOptions::close);
            options.close();
            throw StorageException.of("opening the database in " + folder, e);
        }
    }

    Path folder() {
        return folder;
    }

    /** What went wrong with it, if anything did. */
    Failure failure() {
        return failure;
    }

    /** Takes a reference, unless the last one is gone already. */
    boolean tryAcquire() {
        return references.getAndUpdate(now -> now > 0 ? now + 1 : now) > 0;
    }

    /** References besides the one of the database itself. */
    int readers() {
        return Math.max(0, references.get() - 1);
    }

    void release() {
        if (references.decrementAndGet() == 0) {
            closeNative();
        }
    }

    /** Has the folder removed when the last reference goes. */
    void deleteWhenClosed(DataFolder from) {
        whenClosed = () -> from.deleteLeftover(folder);
    }

    /** Completes when nobody uses the native database any more. */
    CountDownLatch closed() {
        return closed;
    }

    private void closeNative() {
        latest.close();
        unlogged.close();
        allHandles.forEach(ColumnFamilyHandle::close);
        db.close();
        tableOptions.forEach(ColumnFamilyOptions::close);
        options.close();
        Runnable last = whenClosed;
        if (last != null) {
            last.run();
        }
        closed.countDown();
    }

    byte @Nullable [] get(Table table, byte[] key) {
        return get(table, key, latest);
    }

    byte @Nullable [] get(Table table, byte[] key, ReadOptions readOptions) {
        try {
            return db.get(handles[table.slot()], readOptions, key);
        } catch (RocksDBException e) {
            if (e.getStatus() != null && e.getStatus().getCode() == Status.Code.Incomplete) {
                throw new NotInMemoryException();
            }
            throw failure.record(StorageException.of("reading table " + table.columnFamily(), e));
        }
    }

    List<byte @Nullable []> getAll(Table table, List<byte[]> keys) {
        return getAll(table, keys, latest);
    }

    List<byte @Nullable []> getAll(Table table, List<byte[]> keys, ReadOptions readOptions) {
        if (keys.isEmpty()) {
            return List.of();
        }
        try {
            return db.multiGetAsList(readOptions, Collections.nCopies(keys.size(), handles[table.slot()]), keys);
        } catch (RocksDBException e) {
            throw failure.record(StorageException.of("reading table " + table.columnFamily(), e));
        }
    }

    boolean isEmpty(Table table) {
        try (Cursor cursor = cursor(table, new byte[0], null, true, null)) {
            return !cursor.valid();
        }
    }

    Cursor cursor(Table table, byte[] from, byte @Nullable [] to, boolean once, @Nullable Snapshot snapshot) {
        ReadOptions readOptions = new ReadOptions().setFillCache(!once);
        if (snapshot != null) {
            readOptions.setSnapshot(snapshot);
        }
        Slice bound = to == null ? null : new Slice(to);
        if (bound != null) {
            readOptions.setIterateUpperBound(bound);
        }
        RocksIterator iterator = db.newIterator(handles[table.slot()], readOptions);
        return new RocksCursor(failure, table, readOptions, bound, iterator, from);
    }

    Snapshot snapshot() {
        return db.getSnapshot();
    }

    void releaseSnapshot(Snapshot snapshot) {
        db.releaseSnapshot(snapshot);
        snapshot.close();
    }

    /** Writes of a session, atomically. A large batch never lies in an array on the heap: RocksDB is given write by write. */
    void write(BatchBytes bytes, Write[] writes) {
        long batchBytes = BatchBytes.sizeBytes(writes, columnFamilyIds);
        if (batchBytes > ARRAY_BYTES_MAX) {
            writeSingly(writes, batchBytes);
            return;
        }
        bytes.expect((int) batchBytes);
        for (Write write : writes) {
            int columnFamily = columnFamilyId(write.table);
            if (write.value == null) {
                bytes.delete(columnFamily, write.key);
            } else {
                bytes.put(columnFamily, write.key, write.value);
            }
        }
        write(bytes);
    }

    private void writeSingly(Write[] writes, long batchBytes) {
        failure.check();
        try (WriteBatch batch = new WriteBatch((int) Math.min(Integer.MAX_VALUE, batchBytes))) {
            for (Write write : writes) {
                ColumnFamilyHandle handle = handles[write.table.slot()];
                if (write.value == null) {
                    batch.delete(handle, write.key);
                } else {
                    batch.put(handle, write.key, write.value);
                }
            }
            db.write(unlogged, batch);
            pace.written(batchBytes);
        } catch (RocksDBException e) {
            throw failure.record(StorageException.of("writing a batch", e));
        }
    }

    int columnFamilyId(Table table) {
        return columnFamilyIds[table.slot()];
    }

    /** Writes a batch atomically into the memtables. */
    void write(BatchBytes bytes) {
        failure.check();
        byte[] taken = bytes.take();
        try (WriteBatch batch = new WriteBatch(taken)) {
            db.write(unlogged, batch);
            pace.written(taken.length);
        } catch (RocksDBException e) {
            throw failure.record(StorageException.of("writing a batch", e));
        }
    }

    /** Brings everything written so far to disk. */
    void flush() {
        try (FlushOptions flushOptions = new FlushOptions().setWaitForFlush(true)) {
            db.flush(flushOptions, allHandles);
        } catch (RocksDBException e) {
            throw failure.record(StorageException.of("flushing the database", e));
        }
    }

    /** Rewrites every file, so that none holds anything deleted. Does not hold up writes and RocksDB's own compactions. */
    void compact() {
        try (CompactRangeOptions rewrite = new CompactRangeOptions()
                .setExclusiveManualCompaction(false)
                .setBottommostLevelCompaction(CompactRangeOptions.BottommostLevelCompaction.kForceOptimized)) {
            for (ColumnFamilyHandle handle : handles) {
                db.compactRange(handle, null, null, rewrite);
            }
        } catch (RocksDBException e) {
            throw failure.record(StorageException.of("rewriting the database", e));
        }
    }

    /** Writes a state of the database into a directory that does not exist yet, sharing files by hard links where it can. */
    void checkpoint(Path directory) throws IOException {
        Files.createDirectories(directory.toAbsolutePath().getParent());
        try (Checkpoint checkpoint = Checkpoint.create(db)) {
            checkpoint.createCheckpoint(directory.toString());
        } catch (RocksDBException e) {
            throw new IOException("taking a checkpoint of " + folder + ": " + e.getMessage(), e);
        }
    }

    /** Takes files of sorted rows into a table; they lie on the same file system, and are moved. */
    void ingest(Table table, List<String> files) {
        try (IngestExternalFileOptions ingestion = new IngestExternalFileOptions().setMoveFiles(true)) {
            db.ingestExternalFile(handles[table.slot()], files, ingestion);
        } catch (RocksDBException e) {
            throw failure.record(StorageException.of("taking files into table " + table.columnFamily(), e));
        }
    }

    /** Reads every block of every file and checks it. */
    void verify() {
        try {
            db.verifyChecksum();
        } catch (RocksDBException e) {
            throw StorageException.of("verifying the database in " + folder, e);
        }
    }

    /** A number that RocksDB keeps, summed over all tables. */
    long total(String property) {
        try {
            return db.getAggregatedLongProperty(property);
        } catch (RocksDBException e) {
            throw StorageException.of("reading " + property, e);
        }
    }

    /** A number that RocksDB keeps of one table. */
    long number(Table table, String property) {
        try {
            return db.getLongProperty(handles[table.slot()], property);
        } catch (RocksDBException e) {
            throw StorageException.of("reading " + property, e);
        }
    }
}
