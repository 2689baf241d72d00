package io.keelson.kvstore.mvcc;

import io.keelson.kvstore.storage.Cursor;
import io.keelson.kvstore.storage.KeyChanges;
import io.keelson.kvstore.storage.Table;
import io.keelson.kvstore.storage.Tables;

/** Reads out of {@code REVISION} which keys came and went. */
final class RevisionChanges implements KeyChanges {
    @Override
    public void since(Tables tables, long revision, Visitor visitor) {
        try (Cursor cursor = tables.cursor(Table.REVISION, RevisionEntry.tableKey(revision + 1, 0), null, true)) {
            for (; cursor.valid(); cursor.next()) {
                RevisionEntry entry = RevisionEntry.decode(cursor.key(), cursor.value());
                if (entry.delete()) {
                    visitor.changed(entry.key(), -1);
                } else if (entry.version() == 1) {
                    visitor.changed(entry.key(), 1);
                }
            }
        }
    }
}
