package io.keelson.kvstore.storage;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.Snapshot;

/**
 * The state after some batch, for reading. Shared by all readers that come before the next batch; references are counted,
 * and each reader closes the view it got exactly once, after the cursors it opened. A view that is held keeps what it sees
 * on disk, so it is not to be held while waiting for a client.
 */
public final class View implements Tables, AutoCloseable {
    private final RocksInstance instance;
    private final Snapshot snapshot;
    private final ReadOptions options;
    private final MemoryTables inMemory;
    private final AppliedState state;
    private final Database database;
    /** How many keys had come and gone; below 0 if that is not known. */
    private final long changes;

    private final long sequence;
    private final AtomicInteger references = new AtomicInteger(1);

    /** Takes over the caller's reference to the instance. */
    View(RocksInstance instance, long sequence, Database database) {
        this.database = database;
        this.instance = instance;
        this.sequence = sequence;
        snapshot = instance.snapshot();
        options = new ReadOptions().setSnapshot(snapshot);
        inMemory = new MemoryTables(instance, options);
        try {
            state = AppliedState.decode(instance.get(Table.META, AppliedState.key(), options));
            changes = database.changesOf(state);
        } catch (StorageException e) {
            free();
            throw e;
        }
    }

    /** What the state holds of the log. */
    public AppliedState state() {
        return state;
    }

    /** The same state, as far as it can be read without waiting for the disk; see {@link NotInMemoryException}. */
    public Tables inMemory() {
        return inMemory;
    }

    /** The number of batches that had been written when the view was asked for: it holds at least those. */
    long sequence() {
        return sequence;
    }

    RocksInstance instance() {
        return instance;
    }

    boolean tryAcquire() {
        return references.getAndUpdate(now -> now > 0 ? now + 1 : now) > 0;
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
        return instance.get(table, key, options);
    }

    @Override
    public List<byte @Nullable []> getAll(Table table, List<byte[]> keys) {
        return instance.getAll(table, keys, options);
    }

    @Override
    public long countKeys(byte[] from, byte @Nullable [] to) {
        KeyCounter counter = counter();
        return counter == null ? Tables.super.countKeys(from, to) : counter.count(from, to);
    }

    /** Counts keys; null if nothing is known of how many there are. */
    @Nullable
    KeyCounter counter() {
        KeyCounts known = counts();
        return known == null
                ? null
                : new KeyCounter(database, (from, to, once) -> cursor(Table.CURRENT, from, to, once), known);
    }

    /** Whether it is known how many keys had come and gone. */
    boolean isNumbered() {
        return changes >= 0;
    }

    /** How many keys had come and gone; below 0 if that is not known. */
    long changes() {
        return changes;
    }

    boolean isIn(Maintenance maintenance) {
        return maintenance.isOf(instance);
    }

    /** What is known of the number of keys; null if so many batches came while the view was made that nothing is. */
    @Nullable
    KeyCounts counts() {
        return changes < 0 ? null : database.counts(changes);
    }

    @Override
    public Cursor cursor(Table table, byte[] from, byte @Nullable [] to, boolean once) {
        return instance.cursor(table, from, to, once, snapshot);
    }

    @Override
    public void close() {
        if (references.decrementAndGet() == 0) {
            free();
        }
    }

    private void free() {
        inMemory.close();
        options.close();
        instance.releaseSnapshot(snapshot);
        instance.release();
    }
}
