package io.keelson.kvstore.storage;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The newest records of keys that the apply thread met lately, and the knowledge that a key does not exist, so that a
 * write to such a key need not ask RocksDB what it supersedes. Apply thread only.
 *
 * <p>A fixed number of places, four to a bucket, the one used last in front. A newcomer pushes out the last of its bucket;
 * when the bytes held pass their bound, a sweep over the buckets frees more. Large records are not kept.
 */
final class RecordCache {
    /** What is known of a key; the record is null if the key does not exist. */
    record Known(byte[] key, int hash, byte @Nullable [] record) {
        long sizeBytes() {
            return (long) OVERHEAD_BYTES + key.length + (record == null ? 0 : record.length);
        }
    }

    private static final int WAYS = 4;
    private static final int KNOWN_BYTES_MAX = 8 << 10;
    private static final int OVERHEAD_BYTES = 80;
    private static final int TYPICAL_BYTES = 512;
    private static final int PLACES_MAX = 1 << 18;

    private final long bytesMax;
    private final @Nullable Known[] places;
    private final int bucketMask;
    private long bytes;
    private int hand;

    RecordCache(long bytesMax) {
        this.bytesMax = bytesMax;
        int wanted = (int) Math.min(PLACES_MAX, Math.max(WAYS, bytesMax / TYPICAL_BYTES));
        places = new @Nullable Known[Integer.highestOneBit(wanted)];
        bucketMask = places.length / WAYS - 1;
    }

    /** What is known of a key, null for nothing. */
    @Nullable
    Known find(byte[] key, int hash) {
        int first = (hash & bucketMask) * WAYS;
        for (int i = first; i < first + WAYS; i++) {
            Known known = places[i];
            if (known != null && known.hash == hash && Arrays.equals(known.key, key)) {
                if (i > first) {
                    System.arraycopy(places, first, places, first + 1, i - first);
                    places[first] = known;
                }
                return known;
            }
        }
        return null;
    }

    /** Takes in what is now true of a key. */
    void put(byte[] key, int hash, byte @Nullable [] record) {
        boolean kept = isSmall(key, record);
        Known known = new Known(key, hash, record);
        int first = (hash & bucketMask) * WAYS;
        int at = first;
        while (at < first + WAYS - 1 && !holds(at, key, hash)) {
            at++;
        }
        if (!kept) {
            if (holds(at, key, hash)) {
                clear(at);
            }
            return;
        }
        clear(at);
        System.arraycopy(places, first, places, first + 1, at - first);
        places[first] = known;
        bytes += known.sizeBytes();
        while (bytes > bytesMax) {
            hand = (hand + 1) & (places.length - 1);
            clear(hand);
        }
    }

    /** Whether what is known of a key is small enough to be kept. */
    static boolean isSmall(byte[] key, byte @Nullable [] record) {
        return (record == null ? 0 : record.length) + key.length <= KNOWN_BYTES_MAX;
    }

    void clear() {
        Arrays.fill(places, null);
        bytes = 0;
    }

    private boolean holds(int place, byte[] key, int hash) {
        Known known = places[place];
        return known != null && known.hash == hash && Arrays.equals(known.key, key);
    }

    private void clear(int place) {
        Known known = places[place];
        if (known != null) {
            bytes -= known.sizeBytes();
            places[place] = null;
        }
    }
}
