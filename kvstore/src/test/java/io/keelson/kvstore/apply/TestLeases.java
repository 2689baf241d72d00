package io.keelson.kvstore.apply;

import io.keelson.kvstore.lease.LeaseAttachments;
import io.keelson.kvstore.storage.Session;
import io.keelson.kvstore.storage.Table;
import java.nio.ByteBuffer;

/** Leases 1 to 5 exist for ever; attachments are kept as the real ones are. */
public final class TestLeases implements LeaseAttachments {
    @Override
    public boolean exists(Session session, long leaseId) {
        return leaseId >= 1 && leaseId <= 5;
    }

    @Override
    public void attach(Session session, long leaseId, byte[] key) {
        session.put(Table.LEASE_KEY, row(leaseId, key), new byte[0]);
    }

    @Override
    public void detach(Session session, long leaseId, byte[] key) {
        session.delete(Table.LEASE_KEY, row(leaseId, key));
    }

    private static byte[] row(long leaseId, byte[] key) {
        return ByteBuffer.allocate(Long.BYTES + key.length)
                .putLong(leaseId)
                .put(key)
                .array();
    }
}
