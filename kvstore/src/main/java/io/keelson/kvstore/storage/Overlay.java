package io.keelson.kvstore.storage;

import java.util.Arrays;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a batch has written to one table so far: a hash table for lookups, and, from the first scan on, a sorted map too.
 * Grows with the batch, whose size the session bounds.
 */
final class Overlay {
    private static final int BUCKETS_MIN = 64;
    private static final int BUCKETS_KEPT_MAX = 1 << 14;

    private @Nullable Write[] buckets = new @Nullable Write[BUCKETS_MIN];
    private int size;
    private @Nullable TreeMap<byte[], Write> sorted;

    boolean isEmpty() {
        return size == 0;
    }

    @Nullable
    Write find(byte[] key, int hash) {
        if (size == 0) {
            return null;
        }
        for (Write write = buckets[hash & (buckets.length - 1)]; write != null; write = write.chained) {
            if (write.hash == hash && Arrays.equals(write.key, key)) {
                return write;
            }
        }
        return null;
    }

    /** Makes {@code write} the newest one of its key. */
    void add(Write write) {
        Write hidden = find(write.key, write.hash);
        if (hidden != null) {
            unlink(hidden);
            hidden.superseded = true;
            write.hidden = hidden;
        } else if (++size > buckets.length) {
            grow();
        }
        link(write);
        if (sorted != null) {
            sorted.put(write.key, write);
        }
    }

    /** Takes back the newest write of its key. */
    void undo(Write write) {
        unlink(write);
        Write hidden = write.hidden;
        if (hidden != null) {
            hidden.superseded = false;
            link(hidden);
        } else {
            size--;
        }
        if (sorted != null) {
            if (hidden != null) {
                sorted.put(write.key, hidden);
            } else {
                sorted.remove(write.key);
            }
        }
    }

    /** All keys written, in order. Valid until the next write. */
    NavigableMap<byte[], Write> sorted() {
        TreeMap<byte[], Write> map = sorted;
        if (map == null) {
            map = new TreeMap<>(Arrays::compareUnsigned);
            for (Write first : buckets) {
                for (Write write = first; write != null; write = write.chained) {
                    map.put(write.key, write);
                }
            }
            sorted = map;
        }
        return map;
    }

    void clear() {
        if (size == 0) {
            return;
        }
        if (buckets.length > BUCKETS_KEPT_MAX) {
            buckets = new @Nullable Write[BUCKETS_MIN];
        } else {
            Arrays.fill(buckets, null);
        }
        size = 0;
        sorted = null;
    }

    private void link(Write write) {
        int bucket = write.hash & (buckets.length - 1);
        write.chained = buckets[bucket];
        buckets[bucket] = write;
    }

    private void unlink(Write write) {
        int bucket = write.hash & (buckets.length - 1);
        Write before = null;
        for (Write at = buckets[bucket]; at != null; at = at.chained) {
            if (at == write) {
                if (before == null) {
                    buckets[bucket] = write.chained;
                } else {
                    before.chained = write.chained;
                }
                write.chained = null;
                return;
            }
            before = at;
        }
        throw new IllegalStateException("a write is not in the index of its table");
    }

    private void grow() {
        @Nullable Write[] old = buckets;
        buckets = new @Nullable Write[old.length * 2];
        for (Write first : old) {
            Write write = first;
            while (write != null) {
                Write next = write.chained;
                link(write);
                write = next;
            }
        }
    }
}
