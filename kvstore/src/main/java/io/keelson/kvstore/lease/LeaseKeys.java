package io.keelson.kvstore.lease;

import java.util.function.Predicate;

/** The keys attached to leases, as committed. Any thread that may block on the store's disk. */
@FunctionalInterface
public interface LeaseKeys {
    /**
     * Visits the keys of a lease in their order, none for a lease that does not exist, until the visitor returns false.
     */
    void visit(long leaseId, Predicate<byte[]> visitor);
}
