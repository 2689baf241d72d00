package io.keelson.kvstore.lease;

import java.util.function.Predicate;

/** The keys attached to leases, as committed. Any thread that may block on the store's disk. */
@FunctionalInterface
public interface LeaseKeys {
    /**
     * Visits the keys of a lease in their order, none for a lease that does not exist, until the visitor returns false.
     *
     * @param from the first key that is of interest; empty for all
     */
    void visit(long leaseId, byte[] from, Predicate<byte[]> visitor);
}
