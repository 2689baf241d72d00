package io.keelson.kvstore.mvcc;

import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.lease.LeaseAttachments;
import io.keelson.kvstore.storage.AppliedState;
import io.keelson.kvstore.storage.BatchSession;
import io.keelson.kvstore.storage.Table;
import org.jspecify.annotations.Nullable;

/**
 * Fills an empty store with versions that came from elsewhere, revisions kept. Given in the order of revisions, every
 * version puts an end to the one of the same key before it, exactly as if the commands had been applied here: members
 * that import the same versions hold the same bytes. Writes batches by itself. One thread, before the store is in use.
 */
public final class VersionImport {
    private static final long BATCH_BYTES_MAX = 16L << 20;
    private static final byte[] TOMBSTONE = {};

    private final BatchSession session;
    private final LeaseAttachments leases;
    private final long compactRevision;
    private long lastMain;
    private long lastSub = -1;
    private long keys;
    private long versions;
    private long deletions;

    /**
     * @param leases leases are to be in the session already; keys of others are kept, but attached to none
     * @param compactRevision the revision that history is compacted to, -1 for none; a deletion before it is left out if
     *     what it deleted is not there
     */
    public VersionImport(BatchSession session, LeaseAttachments leases, long compactRevision) {
        this.session = session;
        this.leases = leases;
        this.compactRevision = compactRevision;
    }

    /**
     * Takes one put.
     *
     * @throws IllegalArgumentException if it is not one that can come next
     */
    public void put(long main, long sub, KeyValue keyValue) {
        byte[] key = key(main, sub, keyValue);
        if (keyValue.getModRevision() != main) {
            throw new IllegalArgumentException("its mod_revision is " + keyValue.getModRevision());
        }
        if (keyValue.getCreateRevision() < 1 || keyValue.getCreateRevision() > main || keyValue.getVersion() < 1) {
            throw new IllegalArgumentException("its create_revision is " + keyValue.getCreateRevision()
                    + ", its version " + keyValue.getVersion());
        }
        byte[] newest = session.get(Table.CURRENT, key);
        keys += newest == null ? 1 : 0;
        versions++;
        StoredRecord old = supersede(key, newest);
        byte[] record = StoredRecord.encode(
                keyValue.getCreateRevision(), main, keyValue.getVersion(), keyValue.getLease(), keyValue.getValue());
        session.put(Table.CURRENT, key, StoredRecord.withSub(record, (int) sub));
        list(new RevisionEntry(
                main,
                (int) sub,
                false,
                key,
                old == null ? 0 : old.modRevision(),
                old == null ? 0 : old.sub(),
                keyValue.getCreateRevision(),
                keyValue.getVersion(),
                keyValue.getLease(),
                keyValue.getValue().size()));
        if (keyValue.getLease() != 0 && leases.exists(session, keyValue.getLease())) {
            leases.attach(session, keyValue.getLease(), key);
        }
    }

    /**
     * Takes one deletion.
     *
     * @throws IllegalArgumentException if it is not one that can come next
     */
    public void delete(long main, long sub, KeyValue keyValue) {
        byte[] key = key(main, sub, keyValue);
        byte[] newest = session.get(Table.CURRENT, key);
        if (newest == null && main < compactRevision) {
            return;
        }
        keys -= newest == null ? 0 : 1;
        deletions++;
        StoredRecord old = supersede(key, newest);
        session.delete(Table.CURRENT, key);
        session.put(Table.HISTORY, HistoryKey.of(key, main, (int) sub), TOMBSTONE);
        list(new RevisionEntry(
                main,
                (int) sub,
                true,
                key,
                old == null ? 0 : old.modRevision(),
                old == null ? 0 : old.sub(),
                0,
                0,
                0,
                0));
    }

    private byte[] key(long main, long sub, KeyValue keyValue) {
        if (main < 1 || main < lastMain || (main == lastMain && sub <= lastSub) || sub > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("it comes after revision " + lastMain + "." + lastSub);
        }
        if (keyValue.getKey().isEmpty()) {
            throw new IllegalArgumentException("it has no key");
        }
        // Batches end between revisions: what is on disk is a whole state at each moment.
        if (main > lastMain && session.sizeBytes() >= BATCH_BYTES_MAX) {
            session.commit(new AppliedState(0, 0, 0, 0, Math.max(1, lastMain), compactRevision));
        }
        lastMain = main;
        lastSub = sub;
        return keyValue.getKey().toByteArray();
    }

    private @Nullable StoredRecord supersede(byte[] key, byte @Nullable [] newest) {
        if (newest == null) {
            return null;
        }
        StoredRecord old = StoredRecord.parse(newest);
        session.put(Table.HISTORY, HistoryKey.of(key, old.modRevision(), old.sub()), old.proper(newest));
        if (old.lease() != 0) {
            leases.detach(session, old.lease(), key);
        }
        return old;
    }

    private void list(RevisionEntry entry) {
        session.put(Table.REVISION, entry.tableKey(), entry.encode());
    }

    /** Keys that exist. */
    public long keys() {
        return keys;
    }

    /** Puts taken. */
    public long versions() {
        return versions;
    }

    /** Deletions taken. */
    public long deletions() {
        return deletions;
    }

    /** The revision of the last change taken, 0 for none. */
    public long lastRevision() {
        return lastMain;
    }

    /**
     * Writes what is left.
     *
     * @param revision the store's revision from now on, not below that of any version
     * @param compactedTo the revision that history is compacted to from now on, -1 for none
     */
    public void finish(long revision, long compactedTo) {
        if (revision < lastMain || compactedTo > revision || compactedTo < compactRevision) {
            throw new IllegalArgumentException("revision " + revision + " compacted to " + compactedTo
                    + ", after a last change at " + lastMain + " and a compaction to " + compactRevision);
        }
        session.commit(new AppliedState(0, 0, 0, 0, revision, compactedTo));
    }
}
