package io.keelson.kvstore.server;

import io.keelson.kvstore.lease.LeaseKeys;
import io.keelson.kvstore.storage.Cursor;
import io.keelson.kvstore.storage.Database;
import io.keelson.kvstore.storage.Table;
import io.keelson.kvstore.storage.View;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Predicate;

/** The keys attached to leases, as readers see them. */
record StoredLeaseKeys(Database database) implements LeaseKeys {
    @Override
    public void visit(long leaseId, byte[] from, Predicate<byte[]> visitor) {
        byte[] start = ByteBuffer.allocate(Long.BYTES + from.length)
                .putLong(leaseId)
                .put(from)
                .array();
        try (View view = database.view();
                Cursor cursor = view.cursor(Table.LEASE_KEY, start, null, false)) {
            for (; cursor.valid(); cursor.next()) {
                byte[] key = cursor.key();
                if (ByteBuffer.wrap(key).getLong() != leaseId
                        || !visitor.test(Arrays.copyOfRange(key, Long.BYTES, key.length))) {
                    return;
                }
            }
        }
    }
}
