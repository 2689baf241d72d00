package io.keelson.kvstore.mvcc;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A range of user keys, [from, to), in unsigned byte order. Follows etcd's rule for {@code key} and {@code range_end}: no
 * end means the single key, an end of one zero byte means everything from the key on.
 *
 * @param from first key
 * @param to end, exclusive; null for no end
 * @param single whether the range is the single key {@code from}; {@code to} is then {@code from} followed by a zero byte
 */
public record KeyRange(byte[] from, byte @Nullable [] to, boolean single) {
    /** The range that a request's {@code key} and {@code range_end} name. */
    public static KeyRange of(byte[] key, byte[] rangeEnd) {
        if (rangeEnd.length == 0) {
            return new KeyRange(key, Arrays.copyOf(key, key.length + 1), true);
        }
        if (rangeEnd.length == 1 && rangeEnd[0] == 0) {
            return new KeyRange(key, null, false);
        }
        return new KeyRange(key, rangeEnd, false);
    }

    /** Whether the range cannot contain a key, because its end is not after its start. */
    public boolean empty() {
        return to != null && Arrays.compareUnsigned(from, to) >= 0;
    }

    public boolean contains(byte[] key) {
        if (single) {
            return Arrays.equals(from, key);
        }
        return Arrays.compareUnsigned(from, key) <= 0 && (to == null || Arrays.compareUnsigned(key, to) < 0);
    }

    /** Whether every key of {@code other} is in this range. */
    public boolean contains(KeyRange other) {
        return Arrays.compareUnsigned(from, other.from) <= 0
                && (to == null || (other.to != null && Arrays.compareUnsigned(other.to, to) <= 0));
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof KeyRange r && Arrays.equals(from, r.from) && Arrays.equals(to, r.to) && single == r.single;
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(from) + Arrays.hashCode(to);
    }
}
