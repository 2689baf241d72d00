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
     * What one command may change: keys and records, the superseded ones included. A range deletion beyond it is refused
     * on every member alike. Part of the meaning of the log; not to be changed without a new kind of command.
     */
    public static final long COMMAND_BYTES_MAX = 128L << 20;

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
        byte[] oldRecord = supersede(key, newest, old, record.length);
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

    private void delete(byte[] key, byte[] newest) {
        long main = revision + 1;
        int sub = changes;
        StoredRecord old = StoredRecord.parse(newest);
        byte[] oldRecord = supersede(key, newest, old, 0);
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

    /** Moves the newest version, if there is one, to where superseded ones are; returns its record. */
    private byte @Nullable [] supersede(
            byte[] key, byte @Nullable [] newest, @Nullable StoredRecord old, int newLength) {
        changedBytes += 2L * key.length + newLength + (newest == null ? 0 : newest.length);
        if (changedBytes > COMMAND_BYTES_MAX) {
            throw EtcdError.REQUEST_TOO_LARGE.exception();
        }
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

    /**
     * Deletes the keys of a range.
     *
     * @param deleted receives each key and its record before it is deleted
     * @return how many there were
     */
    long deleteRange(KeyRange range, RecordVisitor deleted) {
        if (range.single()) {
            byte[] newest = newest(range.from());
            if (newest == null) {
                return 0;
            }
            deleted.visit(range.from(), newest);
            delete(range.from(), newest);
            return 1;
        }
        if (range.empty()) {
            return 0;
        }
        List<byte[]> keys = new ArrayList<>();
        List<byte[]> records = new ArrayList<>();
        long bytes = changedBytes;
        try (Cursor cursor = session.cursor(Table.CURRENT, range.from(), range.to(), false)) {
            for (; cursor.valid(); cursor.next()) {
                byte[] key = cursor.key();
                byte[] newest = cursor.value();
                bytes += 2L * key.length + newest.length;
                if (bytes > COMMAND_BYTES_MAX) {
                    throw EtcdError.REQUEST_TOO_LARGE.exception();
                }
                keys.add(key);
                records.add(newest);
            }
        }
        for (int i = 0; i < keys.size(); i++) {
            deleted.visit(keys.get(i), records.get(i));
            delete(keys.get(i), records.get(i));
        }
        return keys.size();
    }

    /** Receives keys with their records as stored. */
    @FunctionalInterface
    interface RecordVisitor {
        void visit(byte[] key, byte[] stored);
    }

    /** Deletes those of the keys that exist. */
    public void deleteKeys(List<byte[]> keys) {
        for (byte[] key : keys) {
            byte[] newest = newest(key);
            if (newest != null) {
                delete(key, newest);
            }
        }
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
