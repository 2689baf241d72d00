package io.keelson.kvstore.lease;

import io.keelson.kvstore.storage.Cursor;
import io.keelson.kvstore.storage.Database;
import io.keelson.kvstore.storage.Table;
import io.keelson.kvstore.storage.View;
import java.util.function.Predicate;

/** The keys attached to leases, read from the database. */
public final class StoredLeaseKeys implements LeaseKeys {
    private final Database database;

    public StoredLeaseKeys(Database database) {
        this.database = database;
    }

    @Override
    public void visit(long leaseId, byte[] from, Predicate<byte[]> visitor) {
        try (View view = database.view();
                Cursor cursor = view.cursor(
                        Table.LEASE_KEY,
                        LeaseRecord.attachmentKey(leaseId, from),
                        LeaseRecord.attachmentsEnd(leaseId),
                        false)) {
            while (cursor.valid() && visitor.test(LeaseRecord.userKey(cursor.key()))) {
                cursor.next();
            }
        }
    }
}
