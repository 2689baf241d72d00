package io.keelson.kvstore.lease;

import io.keelson.kvstore.storage.Session;

/** What key-values need of leases: which exist, and what is attached to them. Apply thread only. */
public interface LeaseAttachments {
    /** Whether the lease exists, as the batch has it so far, so that keys may be attached to it. */
    boolean exists(Session session, long leaseId);

    /** Records that {@code key} goes when the lease goes. */
    void attach(Session session, long leaseId, byte[] key);

    /** Forgets it again. */
    void detach(Session session, long leaseId, byte[] key);
}
