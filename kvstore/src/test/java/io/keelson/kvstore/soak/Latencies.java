package io.keelson.kvstore.soak;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** How long calls took, in buckets that are a sixteenth of their power of two wide. Any thread; no memory grows. */
final class Latencies {
    private static final int PER_OCTAVE = 16;

    /** Up to 2^40 ns, some 18 minutes. */
    private static final int BUCKETS = 41 * PER_OCTAVE;

    private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong slowestNanos = new AtomicLong();

    void add(long nanos) {
        counts.incrementAndGet(bucket(nanos));
        count.incrementAndGet();
        slowestNanos.accumulateAndGet(nanos, Math::max);
    }

    /**
     * Of something that is done at equal intervals by one who waits for it: what would have been begun meanwhile counts too, with
     * what was left to wait. Otherwise a standstill of a second is one in a thousand, and for who comes at any time more than
     * one in a hundred.
     */
    void addWithMissed(long nanos, long intervalNanos) {
        for (long left = nanos; left == nanos || left > 0; left -= intervalNanos) {
            add(left);
        }
    }

    private static int bucket(long nanos) {
        long at = Math.max(PER_OCTAVE, nanos);
        int octave = 63 - Long.numberOfLeadingZeros(at);
        int within = (int) (at >>> (octave - 4)) & (PER_OCTAVE - 1);
        return Math.min(BUCKETS - 1, octave * PER_OCTAVE + within);
    }

    /** The upper end of a bucket. */
    private static long nanos(int bucket) {
        int octave = bucket / PER_OCTAVE;
        return (1L << octave) + ((long) (bucket % PER_OCTAVE + 1) << (octave - 4));
    }

    long count() {
        return count.get();
    }

    /** In milliseconds; 0 if nothing was measured. */
    double millisAt(double quantile) {
        long wanted = (long) Math.ceil(quantile * count.get());
        long seen = 0;
        for (int i = 0; i < BUCKETS && wanted > 0; i++) {
            seen += counts.get(i);
            if (seen >= wanted) {
                return Math.min(nanos(i), slowestNanos.get()) / 1e6;
            }
        }
        return 0;
    }

    double slowestMillis() {
        return slowestNanos.get() / 1e6;
    }
}
