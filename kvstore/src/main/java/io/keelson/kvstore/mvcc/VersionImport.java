package io.keelson.kvstore.mvcc;

import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.lease.LeaseAttachments;
import io.keelson.kvstore.storage.AppliedState;
import io.keelson.kvstore.storage.BatchSession;
import io.keelson.kvstore.storage.BulkLoad;
import io.keelson.kvstore.storage.Database;
import io.keelson.kvstore.storage.RowSort;
import io.keelson.kvstore.storage.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Fills an empty store with versions that came from elsewhere, revisions kept. Given in the order of revisions, every
 * version puts an end to the one of the same key before it, exactly as if the commands had been applied here: members
 * that import the same versions hold the same bytes. One thread, before the store is in use.
 *
 * <p>Nothing is looked up and nothing is written twice into a table. Versions are sorted by key, newest first, which is
 * the order of {@link Table#HISTORY}: walking them, the first version of a key goes to {@link Table#CURRENT} (if it is no
 * deletion), the others to {@code HISTORY}, and each is known to be what the one met before it put an end to. That is
 * noted in the entry of {@link Table#REVISION}, and these entries are sorted once more, back into the order of revisions.
 */
public final class VersionImport implements AutoCloseable {
    private static final long BATCH_BYTES_MAX = 16L << 20;
    private static final int PROGRESS_EVERY = 1024;
    private static final byte[] TOMBSTONE = {};

    private final Database database;
    private final BatchSession session;
    private final LeaseAttachments leases;
    private final long compactRevision;
    private final Path scratch;
    private final RowSort byKey;
    private final RowSort byRevision;
    private long lastMain;
    private long lastSub = -1;
    private long keys;
    private long versions;
    private long deletions;

    /**
     * @param leases leases are to be in the session already; keys of others are kept, but attached to none
     * @param compactRevision the revision that history is compacted to, -1 for none; a deletion before it is left out if
     *     what it deleted is not there
     * @param scratch a folder on the file system of the database, made here and removed by {@link #close}
     * @param memoryBytes what sorting may take
     * @throws IOException if the folder cannot be made
     */
    public VersionImport(
            Database database, LeaseAttachments leases, long compactRevision, Path scratch, long memoryBytes)
            throws IOException {
        this.database = database;
        this.session = database.session();
        this.leases = leases;
        this.compactRevision = compactRevision;
        this.scratch = Files.createDirectory(scratch);
        this.byKey = new RowSort(Files.createDirectory(scratch.resolve("keys")), memoryBytes / 2);
        this.byRevision = new RowSort(Files.createDirectory(scratch.resolve("revisions")), memoryBytes / 2);
    }

    /**
     * Takes one put.
     *
     * @throws IllegalArgumentException if it is not one that can come next
     * @throws IOException if it cannot be written to the disk
     */
    public void put(long main, long sub, KeyValue keyValue) throws IOException {
        byte[] key = key(main, sub, keyValue);
        if (keyValue.getModRevision() != main) {
            throw new IllegalArgumentException("its mod_revision is " + keyValue.getModRevision());
        }
        if (keyValue.getCreateRevision() < 1 || keyValue.getCreateRevision() > main || keyValue.getVersion() < 1) {
            throw new IllegalArgumentException("its create_revision is " + keyValue.getCreateRevision()
                    + ", its version " + keyValue.getVersion());
        }
        byte[] record = StoredRecord.encode(
                keyValue.getCreateRevision(), main, keyValue.getVersion(), keyValue.getLease(), keyValue.getValue());
        byKey.add(HistoryKey.of(key, main, (int) sub), record);
    }

    /**
     * Takes one deletion.
     *
     * @throws IllegalArgumentException if it is not one that can come next
     * @throws IOException if it cannot be written to the disk
     */
    public void delete(long main, long sub, KeyValue keyValue) throws IOException {
        byKey.add(HistoryKey.of(key(main, sub, keyValue), main, (int) sub), TOMBSTONE);
    }

    private byte[] key(long main, long sub, KeyValue keyValue) {
        if (main < 1 || main < lastMain || (main == lastMain && sub <= lastSub) || sub > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("it comes after revision " + lastMain + "." + lastSub);
        }
        if (keyValue.getKey().isEmpty()) {
            throw new IllegalArgumentException("it has no key");
        }
        lastMain = main;
        lastSub = sub;
        return keyValue.getKey().toByteArray();
    }

    /** A version on its way into the tables. */
    private record Version(byte[] historyKey, byte[] record) {
        boolean deletion() {
            return record.length == 0;
        }

        long main() {
            return HistoryKey.main(historyKey);
        }

        int sub() {
            return HistoryKey.sub(historyKey);
        }

        boolean ofSameKey(Version other) {
            int length = historyKey.length - HistoryKey.REVISION_BYTES;
            return other.historyKey.length == historyKey.length
                    && Arrays.equals(historyKey, 0, length, other.historyKey, 0, length);
        }
    }

    /** Walks the versions by key, newest first, with one version of delay: what is before a version must be known. */
    private final class Walk {
        private final BulkLoad tables;
        private final LongConsumer progress;
        private long walked;
        private @Nullable Version waiting;
        private boolean waitingIsNewest;

        Walk(BulkLoad tables, LongConsumer progress) {
            this.tables = tables;
            this.progress = progress;
        }

        void next(byte[] historyKey, byte[] record) throws IOException {
            Version version = new Version(historyKey, record);
            Version newer = waiting;
            boolean same = newer != null && newer.ofSameKey(version);
            if (newer != null) {
                write(newer, waitingIsNewest, same ? version : null);
            }
            waiting = version;
            waitingIsNewest = !same;
            tell();
        }

        void end() throws IOException {
            if (waiting != null) {
                write(waiting, waitingIsNewest, null);
                waiting = null;
            }
        }

        private void write(Version version, boolean newest, @Nullable Version older) throws IOException {
            Version ended = older == null || older.deletion() ? null : older;
            if (version.deletion()) {
                if (ended == null && version.main() < compactRevision) {
                    return;
                }
                deletions++;
                tables.add(Table.HISTORY, version.historyKey, TOMBSTONE);
                list(version, ended, 0, 0, 0, 0);
                return;
            }
            versions++;
            StoredRecord parsed = StoredRecord.parse(version.record);
            if (newest) {
                byte[] key = HistoryKey.userKey(version.historyKey);
                keys++;
                tables.add(Table.CURRENT, key, StoredRecord.withSub(version.record, version.sub()));
                attach(key, parsed.lease());
            } else {
                tables.add(Table.HISTORY, version.historyKey, version.record);
            }
            list(version, ended, parsed.createRevision(), parsed.version(), parsed.lease(), parsed.valueLength());
        }

        private void list(
                Version version, @Nullable Version ended, long createRevision, long ofKey, long lease, int valueLength)
                throws IOException {
            RevisionEntry entry = new RevisionEntry(
                    version.main(),
                    version.sub(),
                    version.deletion(),
                    HistoryKey.userKey(version.historyKey),
                    ended == null ? 0 : ended.main(),
                    ended == null ? 0 : ended.sub(),
                    createRevision,
                    ofKey,
                    lease,
                    valueLength);
            byRevision.add(entry.tableKey(), entry.encode());
        }

        private void attach(byte[] key, long lease) {
            if (lease != 0 && leases.exists(session, lease)) {
                leases.attach(session, lease, key);
                if (session.sizeBytes() >= BATCH_BYTES_MAX) {
                    session.commit(AppliedState.INITIAL);
                }
            }
        }

        void tell() {
            if (++walked % PROGRESS_EVERY == 0) {
                progress.accept(walked);
            }
        }
    }

    /** Keys that exist; known after {@link #finish}, as the other counts are. */
    public long keys() {
        return keys;
    }

    /** Puts that are kept. */
    public long versions() {
        return versions;
    }

    /** Deletions that are kept. */
    public long deletions() {
        return deletions;
    }

    /** Steps that {@link #finish} will take, of which it tells as it goes. */
    public long steps() {
        return 2 * byKey.count();
    }

    /**
     * Writes everything.
     *
     * @param revision the store's revision from now on, not below that of any version
     * @param compactedTo the revision that history is compacted to from now on, -1 for none
     * @param progress told of steps that are done
     */
    public void finish(long revision, long compactedTo, LongConsumer progress) throws IOException {
        if (revision < lastMain || compactedTo > revision || compactedTo < compactRevision) {
            throw new IllegalArgumentException("revision " + revision + " compacted to " + compactedTo
                    + ", after a last change at " + lastMain + " and a compaction to " + compactRevision);
        }
        try (BulkLoad tables = database.bulkLoad(scratch)) {
            Walk walk = new Walk(tables, progress);
            byKey.each(walk::next);
            walk.end();
            byKey.close();
            byRevision.each((tableKey, entry) -> {
                tables.add(Table.REVISION, tableKey, entry);
                walk.tell();
            });
            tables.finish();
        }
        session.commit(new AppliedState(0, 0, 0, 0, revision, compactedTo));
    }

    @Override
    public void close() throws IOException {
        byKey.close();
        byRevision.close();
        Files.delete(scratch.resolve("keys"));
        Files.delete(scratch.resolve("revisions"));
        Files.delete(scratch);
    }
}
