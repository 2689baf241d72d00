package io.keelson.kvstore.storage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The writes of a batch, kept in memory until {@link #commit} makes them one atomic write.
 *
 * <p>Every write is appended to a log and indexed by key in its table; going back to a mark takes writes off the end of
 * the log again. Below the writes lies the database, of which the newest records that passed through here are kept in a
 * {@link RecordCache}. Apply thread only. Memory is bounded by the caller, which watches {@link #sizeBytes} and commits.
 */
public final class BatchSession implements Session, Tables {
    private static final Comparator<Write> BY_PLACE = (one, other) -> {
        int byTable = one.table.compareTo(other.table);
        return byTable != 0 ? byTable : Arrays.compareUnsigned(one.key, other.key);
    };

    private final Database database;
    private final RecordCache records;
    private final ReadAhead readAhead;
    private final Overlay[] overlays = new Overlay[Table.COUNT];
    private final ArrayList<Write> log = new ArrayList<>();
    private final ArrayList<Integer> marks = new ArrayList<>();
    private final BatchBytes bytes = new BatchBytes();
    private long sizeBytes;

    BatchSession(Database database, StorageConfig config, ReadAhead readAhead) {
        this.database = database;
        this.records = new RecordCache(config.recordCacheBytes());
        this.readAhead = readAhead;
        for (Table table : Table.values()) {
            overlays[table.slot()] = new Overlay();
        }
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
        int hash = ByteHash.of(key);
        Write write = overlays[table.slot()].find(key, hash);
        if (write != null) {
            return write.value;
        }
        if (table != Table.CURRENT) {
            return database.instance().get(table, key);
        }
        RecordCache.Known known = records.find(key, hash);
        if (known != null) {
            return known.record();
        }
        long beganNanos = System.nanoTime();
        byte[] record = database.instance().get(table, key);
        long endedNanos = System.nanoTime();
        readAhead.took(endedNanos - beganNanos, endedNanos);
        records.put(key, hash, record);
        return record;
    }

    /** Whether {@link #readAhead} is worth its while: reads wait for the disk at this time. */
    public boolean readsAreSlow() {
        return readAhead.isOfUse(System.nanoTime());
    }

    /**
     * Reads the newest records of keys that are about to be asked for, all at once. Changes nothing but how long {@link
     * #get} takes; small records stay in the cache of this session, others in the one for blocks.
     *
     * @param keys of {@link Table#CURRENT}, a few hundred at most
     */
    public void readAhead(List<byte[]> keys) {
        List<byte[]> unknown = new ArrayList<>();
        for (byte[] key : keys) {
            if (records.find(key, ByteHash.of(key)) == null) {
                unknown.add(key);
            }
        }
        RocksInstance instance = database.instance();
        long beganNanos = System.nanoTime();
        AtomicReferenceArray<RecordCache.@Nullable Known> read = readAhead.readAll(unknown, key -> {
            byte[] record = instance.get(Table.CURRENT, key);
            return RecordCache.isSmall(key, record) ? new RecordCache.Known(key, ByteHash.of(key), record) : null;
        });
        long endedNanos = System.nanoTime();
        readAhead.took(endedNanos - beganNanos, endedNanos);
        for (int i = 0; i < read.length(); i++) {
            RecordCache.Known known = read.get(i);
            if (known != null) {
                records.put(known.key(), known.hash(), known.record());
            }
        }
    }

    @Override
    public List<byte @Nullable []> getAll(Table table, List<byte[]> keys) {
        List<byte @Nullable []> values = new ArrayList<>(keys.size());
        for (byte[] key : keys) {
            values.add(get(table, key));
        }
        return values;
    }

    @Override
    public void put(Table table, byte[] key, byte[] value) {
        write(table, key, value, table == Table.CURRENT && get(table, key) == null ? 1 : 0);
    }

    /** Writes the newest record of a key, of which the caller knows whether it has one already. */
    public void putNewest(byte[] key, byte[] record, boolean created) {
        write(Table.CURRENT, key, record, created ? 1 : 0);
    }

    @Override
    public void delete(Table table, byte[] key) {
        write(table, key, null, table == Table.CURRENT && get(table, key) != null ? -1 : 0);
    }

    private void write(Table table, byte[] key, byte @Nullable [] value, int keysMore) {
        Write write = new Write(table, key, ByteHash.of(key), value, keysMore);
        overlays[table.slot()].add(write);
        log.add(write);
        sizeBytes += write.sizeBytes();
    }

    @Override
    public Cursor cursor(Table table, byte[] from, byte @Nullable [] to, boolean once) {
        Cursor below = database.instance().cursor(table, from, to, once, null);
        Overlay overlay = overlays[table.slot()];
        if (overlay.isEmpty()) {
            return below;
        }
        var writes = overlay.sorted().tailMap(from, true);
        return new OverlayCursor(below, to == null ? writes : writes.headMap(to, false));
    }

    /** As of the last commit, and what the batch has changed since. */
    @Override
    public long countKeys(byte[] from, byte @Nullable [] to) {
        RocksInstance below = database.instance();
        long keys = new KeyCounter(
                        database,
                        (first, end, once) -> below.cursor(Table.CURRENT, first, end, once, null),
                        database.newestCounts())
                .count(from, to);
        for (Write write : log) {
            if (write.keysMore != 0
                    && Arrays.compareUnsigned(write.key, from) >= 0
                    && (to == null || Arrays.compareUnsigned(write.key, to) < 0)) {
                keys += write.keysMore;
            }
        }
        return keys;
    }

    @Override
    public void scan(Table table, byte[] from, byte @Nullable [] to, Visitor visitor) {
        if (to != null && Arrays.compareUnsigned(from, to) >= 0) {
            return;
        }
        try (Cursor cursor = cursor(table, from, to, false)) {
            while (cursor.valid() && visitor.visit(cursor.key(), cursor.value())) {
                cursor.next();
            }
        }
    }

    @Override
    public void mark() {
        marks.add(log.size());
    }

    @Override
    public void rollback() {
        int to = marks.removeLast();
        while (log.size() > to) {
            Write write = log.removeLast();
            sizeBytes -= write.sizeBytes();
            overlays[write.table.slot()].undo(write);
        }
    }

    @Override
    public void keep() {
        marks.removeLast();
    }

    /** How many marks are set. */
    public int marks() {
        return marks.size();
    }

    /** What everything written since the last commit takes in memory, in bytes. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /**
     * Writes the batch, together with where in the log it ends, and makes it visible to readers.
     *
     * @throws StorageException if that fails; the database is then out of service
     */
    public void commit(AppliedState state) {
        if (!marks.isEmpty()) {
            throw new IllegalStateException("a batch is committed inside a mark");
        }
        RocksInstance instance = database.instance();
        Write[] writes = inOrder(new Write(Table.META, AppliedState.key(), 0, state.encode(), 0));
        database.writing(state, log);
        instance.write(bytes, writes);
        for (Write write : log) {
            if (write.table == Table.CURRENT && !write.superseded) {
                records.put(write.key, write.hash, write.value);
            }
        }
        clear();
        database.publish();
    }

    /**
     * What is to be written, by table and key: an entry finds its place in a memtable soonest right behind the last one.
     *
     * @param applied the row that tells where in the log the batch ends
     */
    private Write[] inOrder(Write applied) {
        Write[] writes = new Write[log.size() + 1];
        writes[0] = applied;
        int count = 1;
        for (Write write : log) {
            if (!write.superseded) {
                writes[count++] = write;
            }
        }
        Write[] ordered = Arrays.copyOf(writes, count);
        Arrays.sort(ordered, BY_PLACE);
        return ordered;
    }

    /** Forgets everything that was written or is cached: the database below is another one. */
    void reset() {
        clear();
        marks.clear();
        records.clear();
    }

    private void clear() {
        log.clear();
        sizeBytes = 0;
        for (Overlay overlay : overlays) {
            overlay.clear();
        }
    }
}
