package io.keelson.kvstore.auth;

import io.keelson.kvstore.mvcc.KeyRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A set of keys, as intervals that neither overlap nor touch, in order. Immutable.
 *
 * <p>Intervals that overlap or touch are merged, so that a range which several permissions cover only together is
 * contained, as etcd has it.
 */
final class KeyIntervals {
    static final KeyIntervals NONE = new KeyIntervals(List.of());

    /** No key is empty, so a range from the empty key is a range from the first possible one. */
    private static final byte[] FIRST_KEY = {0};

    private final List<KeyRange> intervals;

    private KeyIntervals(List<KeyRange> intervals) {
        this.intervals = intervals;
    }

    static KeyIntervals of(Collection<KeyRange> ranges) {
        List<KeyRange> sorted = new ArrayList<>(ranges.size());
        for (KeyRange range : ranges) {
            KeyRange normal = normal(range);
            if (!normal.empty()) {
                sorted.add(normal);
            }
        }
        sorted.sort(Comparator.comparing(KeyRange::from, Arrays::compareUnsigned));
        List<KeyRange> merged = new ArrayList<>();
        for (KeyRange range : sorted) {
            KeyRange last = merged.isEmpty() ? null : merged.getLast();
            byte[] lastTo = last == null ? null : last.to();
            if (last == null || (lastTo != null && Arrays.compareUnsigned(lastTo, range.from()) < 0)) {
                merged.add(new KeyRange(range.from(), range.to(), false));
                continue;
            }
            byte[] to = range.to();
            if (lastTo != null && (to == null || Arrays.compareUnsigned(lastTo, to) < 0)) {
                merged.set(merged.size() - 1, new KeyRange(last.from(), to, false));
            }
        }
        return merged.isEmpty() ? NONE : new KeyIntervals(List.copyOf(merged));
    }

    private static KeyRange normal(KeyRange range) {
        return range.from().length == 0 ? new KeyRange(FIRST_KEY, range.to(), false) : range;
    }

    /**
     * Whether every key of the range is in the set. A range that is empty because its end is not after its start is
     * contained if both lie in one interval.
     */
    boolean contains(KeyRange range) {
        KeyRange normal = normal(range);
        KeyRange interval = covering(normal.from());
        return interval != null && interval.contains(normal);
    }

    /** The interval that a key is in; null if it is in none. */
    @Nullable
    KeyRange covering(byte[] key) {
        int low = 0;
        int high = intervals.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (Arrays.compareUnsigned(intervals.get(middle).from(), key) <= 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high >= 0 && intervals.get(high).contains(key) ? intervals.get(high) : null;
    }
}
