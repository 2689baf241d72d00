package io.keelson.kvstore.mvcc;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.lease.LeaseAttachments;
import io.keelson.kvstore.storage.AppliedState;
import io.keelson.kvstore.storage.BatchSession;
import io.keelson.kvstore.storage.Cursor;
import io.keelson.kvstore.storage.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Changes keys, one command after the other: what the newest version was goes to {@code HISTORY}, what is new to {@code
 * CURRENT}, and a line about it to {@code REVISION}. A worked example is in {@link MvccStore}.
 *
 * <p>All changes of a command are one revision, one more than the last; a command that changes nothing makes none. What a
 * command did is undone with {@link #undo} together with the session's rollback. Apply thread only.
 */
public final class MvccWriter {
    /**
     * What the changes of one command may take in memory until they are written, by {@link #changeBytes}. A command beyond
     * it is refused on every member alike, so it is no matter of how much memory a member has: it leaves room for the rest
     * of a member in the smallest heap there is, the 512 MiB of a machine of 2 GiB. Part of the meaning of the log; not to
     * be changed without a new kind of command.
     */
    public static final long COMMAND_BYTES_MAX = 160L << 20;

    /** What a change takes besides the bytes of keys and values: its rows, up to five in four tables, and the event. */
    static final int CHANGE_OVERHEAD_BYTES = 768;

    /** Row of {@code CURRENT} and event, two of {@code HISTORY}, where zeros take two bytes, of {@code REVISION}, of the lease. */
    private static final int KEY_COPIES = 6;

    /** What stands in front of a key-value in an answer. */
    private static final int ANSWER_OVERHEAD_BYTES = 16;

    private static final byte[] TOMBSTONE = {};

    private final BatchSession session;
    private final LeaseAttachments leases;
    private long revision;
    private long compactRevision;
    private int changes;
    private long changedBytes;
    private List<KvEvent> events = new ArrayList<>();
    private List<RevisionEvents> batch = new ArrayList<>();

    public MvccWriter(BatchSession session, LeaseAttachments leases) {
        this.session = session;
        this.leases = leases;
    }

    /** Takes the state of the database as it is. */
    public void load(AppliedState state) {
        revision = state.revision();
        compactRevision = state.compactRevision();
        changes = 0;
        changedBytes = 0;
        events = new ArrayList<>();
        batch = new ArrayList<>();
    }

    /** The revision before the command under way. */
    public long revision() {
        return revision;
    }

    public long compactRevision() {
        return compactRevision;
    }

    /** The revision that a read inside the command under way sees: its own, once it has changed something. */
    public long readRevision() {
        return changes > 0 ? revision + 1 : revision;
    }

    BatchSession session() {
        return session;
    }

    boolean leaseExists(long leaseId) {
        return leases.exists(session, leaseId);
    }

    /** The newest version of a key, as stored; null if the key does not exist. */
    byte @Nullable [] newest(byte[] key) {
        return session.get(Table.CURRENT, key);
    }

    /**
     * Puts a key.
     *
     * @param newest what {@link #newest} said of the key
     */
    void put(byte[] key, byte @Nullable [] newest, ByteString value, long leaseId) {
        long main = revision + 1;
        int sub = changes;
        StoredRecord old = newest == null ? null : StoredRecord.parse(newest);
        long create = old == null ? main : old.createRevision();
        long version = old == null ? 1 : old.version() + 1;
        byte[] record = StoredRecord.encode(create, main, version, leaseId, value);
        charge(changeBytes(key, newest, sub == 0 ? record.length : 2L * record.length));
        byte[] oldRecord = supersede(key, newest, old);
        session.putNewest(key, StoredRecord.withSub(record, sub), old == null);
        RevisionEntry entry = new RevisionEntry(
                main,
                sub,
                false,
                key,
                old == null ? 0 : old.modRevision(),
                old == null ? 0 : old.sub(),
                create,
                version,
                leaseId,
                value.size());
        session.put(Table.REVISION, entry.tableKey(), entry.encode());
        long oldLease = old == null ? 0 : old.lease();
        if (oldLease != leaseId) {
            if (oldLease != 0) {
                leases.detach(session, oldLease, key);
            }
            if (leaseId != 0) {
                leases.attach(session, leaseId, key);
            }
        }
        events.add(new KvEvent(key, main, sub, record, create == main ? null : previous(key, old, oldRecord)));
        changes++;
    }

    /** Deletes a key whose deletion has been charged. */
    private void delete(byte[] key, byte[] newest) {
        long main = revision + 1;
        int sub = changes;
        StoredRecord old = StoredRecord.parse(newest);
        byte[] oldRecord = supersede(key, newest, old);
        session.delete(Table.CURRENT, key);
        session.put(Table.HISTORY, HistoryKey.of(key, main, sub), TOMBSTONE);
        RevisionEntry entry = new RevisionEntry(main, sub, true, key, old.modRevision(), old.sub(), 0, 0, 0, 0);
        session.put(Table.REVISION, entry.tableKey(), entry.encode());
        if (old.lease() != 0) {
            leases.detach(session, old.lease(), key);
        }
        events.add(new KvEvent(key, main, sub, null, previous(key, old, oldRecord)));
        changes++;
    }

    /** What a change takes in memory: the key in every row, the record that goes, and the one that comes. */
    private static long changeBytes(byte[] key, byte @Nullable [] newest, long newBytes) {
        return CHANGE_OVERHEAD_BYTES + (long) KEY_COPIES * key.length + (newest == null ? 0 : newest.length) + newBytes;
    }

    private void charge(long bytes) {
        if (changedBytes + bytes > COMMAND_BYTES_MAX) {
            throw EtcdError.REQUEST_TOO_LARGE.exception();
        }
        changedBytes += bytes;
    }

    /** Moves the newest version, if there is one, to where superseded ones are; returns its record. */
    private byte @Nullable [] supersede(byte[] key, byte @Nullable [] newest, @Nullable StoredRecord old) {
        if (newest == null || old == null) {
            return null;
        }
        byte[] oldRecord = old.proper(newest);
        session.put(Table.HISTORY, HistoryKey.of(key, old.modRevision(), old.sub()), oldRecord);
        return oldRecord;
    }

    /** What watchers are told the key was before: its version at the revision before, as etcd has it. */
    private byte @Nullable [] previous(byte[] key, @Nullable StoredRecord old, byte @Nullable [] oldRecord) {
        return old != null && old.modRevision() > revision ? VersionLookup.at(session, key, revision) : oldRecord;
    }

    /** Keys that are to be deleted, with their records as stored. */
    static final class Selection {
        private final List<byte[]> keys = new ArrayList<>();
        private final List<byte @Nullable []> records = new ArrayList<>();

        int size() {
            return keys.size();
        }

        byte[] key(int i) {
            return keys.get(i);
        }

        /** As long as the keys are not deleted. */
        byte[] stored(int i) {
            return Objects.requireNonNull(records.get(i));
        }

        private void add(byte[] key, byte[] record) {
            keys.add(key);
            records.add(record);
        }

        /** The record goes on in its row of {@code HISTORY}, perhaps as a copy: nothing else is to hold it. */
        private byte[] take(int i) {
            return Objects.requireNonNull(records.set(i, null));
        }
    }

    /**
     * Finds the keys of a range, to be deleted by {@link #delete(Selection)} before anything else is changed.
     *
     * @param answered whether somebody, on whatever member, is told what they were, so that it counts twice
     * @throws io.keelson.kvstore.errors.EtcdException REQUEST_TOO_LARGE
     */
    Selection select(KeyRange range, boolean answered) {
        Selection selection = new Selection();
        if (range.single()) {
            byte[] newest = newest(range.from());
            if (newest != null) {
                select(selection, range.from(), newest, answered);
            }
        } else if (!range.empty()) {
            try (Cursor cursor = session.cursor(Table.CURRENT, range.from(), range.to(), false)) {
                for (; cursor.valid(); cursor.next()) {
                    select(selection, cursor.key(), cursor.value(), answered);
                }
            }
        }
        return selection;
    }

    private void select(Selection selection, byte[] key, byte[] newest, boolean answered) {
        charge(changeBytes(key, newest, answered ? ANSWER_OVERHEAD_BYTES + (long) key.length + newest.length : 0));
        selection.add(key, newest);
    }

    /** Deletes what was found. */
    void delete(Selection selection) {
        for (int i = 0; i < selection.size(); i++) {
            delete(selection.key(i), selection.take(i));
        }
    }

    /**
     * Deletes those of the keys that exist, in order, as long as all that the command changes stays within a number of
     * bytes. A first change is made whatever it takes, so that there is always progress.
     *
     * @return how many of the keys do not exist now, from the first one on
     */
    public int deleteKeys(List<byte[]> keys, long bytesMax) {
        for (int i = 0; i < keys.size(); i++) {
            byte[] key = keys.get(i);
            byte[] newest = newest(key);
            if (newest == null) {
                continue;
            }
            long bytes = changeBytes(key, newest, 0);
            if (changes > 0 && changedBytes + bytes > bytesMax) {
                return i;
            }
            changedBytes += bytes;
            delete(key, newest);
        }
        return keys.size();
    }

    /**
     * Gives up history before a revision: from now on it is not readable, and is dropped in the background.
     *
     * @throws io.keelson.kvstore.errors.EtcdException COMPACTED or FUTURE_REV
     */
    void compact(long to) {
        if (to <= compactRevision) {
            throw EtcdError.COMPACTED.exception();
        }
        if (to > revision) {
            throw EtcdError.FUTURE_REV.exception();
        }
        compactRevision = to;
    }

    /** Ends a command: what it changed becomes a revision. */
    public void finish() {
        if (changes > 0) {
            revision++;
            batch.add(new RevisionEvents(revision, events));
            events = new ArrayList<>();
            changes = 0;
        }
        changedBytes = 0;
    }

    /** Forgets the changes of the command under way, whose writes the session takes back. */
    public void undo() {
        events.clear();
        changes = 0;
        changedBytes = 0;
    }

    /** The revisions made since the last call, in order. */
    public List<RevisionEvents> takeBatch() {
        List<RevisionEvents> taken = batch;
        batch = new ArrayList<>();
        return taken;
    }
}
