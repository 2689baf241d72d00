package io.keelson.kvstore.mvcc;

import io.keelson.kvstore.storage.Cursor;
import io.keelson.kvstore.storage.Table;
import io.keelson.kvstore.storage.Tables;
import org.jspecify.annotations.Nullable;

/** Finds one version of one key. */
final class VersionLookup {
    private VersionLookup() {}

    /** The record of a key at a revision; null if it did not exist then. */
    static byte @Nullable [] at(Tables tables, byte[] key, long revision) {
        byte[] newest = tables.get(Table.CURRENT, key);
        if (newest != null) {
            StoredRecord record = StoredRecord.parse(newest);
            if (record.modRevision() <= revision) {
                return record.proper(newest);
            }
        }
        try (Cursor history =
                tables.cursor(Table.HISTORY, HistoryKey.atOrBefore(key, revision), HistoryKey.after(key), false)) {
            if (!history.valid()) {
                return null;
            }
            byte[] version = history.value();
            return version.length == 0 ? null : version;
        }
    }
}
