package io.keelson.apiserver.store;

import io.keelson.apiserver.store.StoreRequests.Operation;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrpc;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Leases for keys that are to go by themselves. A lease costs the store more than a key, and what expires here (events,
 * above all) mostly has the same lifetime; so keys that are written shortly after each other share one. It is granted for a
 * twentieth longer than asked for, but no more than {@link StoreOptions#leaseReuse} longer, and reused while it lasts at
 * least as long as the next key wants, and not needlessly longer.
 *
 * <p>The example of events, which live 3600 s: a lease of 3660 s is granted at 0, and taken for every event until 60, or
 * until {@link StoreOptions#leaseKeysMax} have it; the next event has the next lease granted.
 */
final class Leases {
    private static final long REUSE_SHARE = 20;
    private static final long NANOS = 1_000_000_000L;

    private final EtcdCalls calls;
    private final long reuseSecondsMax;
    private final int keysMax;
    private final LongSupplier nanoTime;
    /** Held while a lease is granted: those who want one meanwhile want that one. */
    private final ReentrantLock lock = new ReentrantLock();

    private long id;
    private long expiryNanos;
    private int keys;

    Leases(EtcdCalls calls, StoreOptions options, LongSupplier nanoTime) {
        this.calls = calls;
        this.reuseSecondsMax = options.leaseReuse().toSeconds();
        this.keysMax = options.leaseKeysMax();
        this.nanoTime = nanoTime;
    }

    /** The id of a lease that lasts this long at least, for one more key. */
    long lease(String key, long ttlSeconds) throws EtcdCalls.Failure, InterruptedException {
        long extraSeconds = Math.min(ttlSeconds / REUSE_SHARE, reuseSecondsMax);
        lock.lockInterruptibly();
        try {
            long now = nanoTime.getAsLong();
            long leftNanos = expiryNanos - now;
            boolean lasts = leftNanos > ttlSeconds * NANOS;
            boolean fits = leftNanos <= (ttlSeconds + extraSeconds) * NANOS;
            if (id == 0 || keys >= keysMax || !lasts || !fits) {
                long granted = ttlSeconds + extraSeconds;
                id = calls.write(
                                Operation.LEASE,
                                key,
                                LeaseGrpc.getLeaseGrantMethod(),
                                LeaseGrantRequest.newBuilder().setTTL(granted).build())
                        .getID();
                expiryNanos = now + granted * NANOS;
                keys = 0;
            }
            keys++;
            return id;
        } finally {
            lock.unlock();
        }
    }

    /** The store does not know this lease any more. */
    void forget(long lease) {
        lock.lock();
        try {
            if (id == lease) {
                id = 0;
            }
        } finally {
            lock.unlock();
        }
    }
}
