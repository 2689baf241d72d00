package io.keelson.kvstore.mvcc;

import io.keelson.kvstore.storage.StorageException;
import io.keelson.kvstore.storage.Table;
import io.keelson.kvstore.storage.Tables;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the records of many changes at once: first where newest versions are, then, for the rest, among superseded ones. */
final class ChangeRecords {
    private ChangeRecords() {}

    /**
     * The records of puts, in the order of the entries; null for deletions.
     *
     * @throws StorageException if one is missing
     */
    static List<byte @Nullable []> of(Tables tables, List<RevisionEntry> entries) {
        List<byte @Nullable []> records = new ArrayList<>(entries.size());
        List<byte[]> currentKeys = new ArrayList<>();
        for (RevisionEntry entry : entries) {
            if (!entry.delete()) {
                currentKeys.add(entry.key());
            }
        }
        List<byte @Nullable []> newest = tables.getAll(Table.CURRENT, currentKeys);
        List<byte[]> historyKeys = new ArrayList<>();
        int at = 0;
        for (RevisionEntry entry : entries) {
            byte[] record = null;
            if (!entry.delete()) {
                record = properIfOf(entry, newest.get(at++));
                if (record == null) {
                    historyKeys.add(HistoryKey.of(entry.key(), entry.main(), entry.sub()));
                }
            }
            records.add(record);
        }
        if (historyKeys.isEmpty()) {
            return records;
        }
        List<byte @Nullable []> superseded = tables.getAll(Table.HISTORY, historyKeys);
        at = 0;
        for (int i = 0; i < entries.size(); i++) {
            if (!entries.get(i).delete() && records.get(i) == null) {
                byte[] record = superseded.get(at++);
                if (record == null) {
                    throw new StorageException(
                            StorageException.Kind.CORRUPT,
                            "the version of a key at revision " + entries.get(i).main() + " is missing");
                }
                records.set(i, record);
            }
        }
        return records;
    }

    private static byte @Nullable [] properIfOf(RevisionEntry entry, byte @Nullable [] stored) {
        if (stored == null) {
            return null;
        }
        StoredRecord record = StoredRecord.parse(stored);
        return record.modRevision() == entry.main() && record.sub() == entry.sub() ? record.proper(stored) : null;
    }

    /**
     * For each entry the record of the key before it, as watchers see it: its version at the revision before.
     *
     * @param compactRevision what was superseded at or before it is not told any more
     */
    static List<byte @Nullable []> before(Tables tables, List<RevisionEntry> entries, long compactRevision) {
        List<byte[]> historyKeys = new ArrayList<>();
        for (RevisionEntry entry : entries) {
            if (kept(entry, compactRevision) && entry.supersededMain() < entry.main()) {
                historyKeys.add(HistoryKey.of(entry.key(), entry.supersededMain(), entry.supersededSub()));
            }
        }
        List<byte @Nullable []> superseded = tables.getAll(Table.HISTORY, historyKeys);
        List<byte @Nullable []> records = new ArrayList<>(entries.size());
        int at = 0;
        for (RevisionEntry entry : entries) {
            byte[] record = null;
            if (kept(entry, compactRevision)) {
                record = entry.supersededMain() < entry.main()
                        ? superseded.get(at++)
                        : VersionLookup.at(tables, entry.key(), entry.main() - 1);
            }
            records.add(record);
        }
        return records;
    }

    private static boolean kept(RevisionEntry entry, long compactRevision) {
        return entry.main() > compactRevision
                && entry.supersededMain() != 0
                && (entry.delete() || entry.createRevision() < entry.main());
    }
}
