package io.keelson.raft.log;

import java.util.Arrays;

/**
 * Where entries stand in a segment: the offset of one record out of every {@link #STRIDE_BYTES}; the others are found by
 * stepping over headers from there. 256 KiB at most for a segment of 64 MiB, however small its entries.
 *
 * <p>Immutable to its readers. The arrays are shared with a {@link Builder} that goes on appending, behind the count
 * that this object was made with.
 */
final class SegmentIndex {
    /** A record that begins less than this behind a known one has no place of its own. */
    static final int STRIDE_BYTES = 4096;

    private final int[] relatives;
    private final int[] offsets;
    private final int count;
    private final int entries;
    private final int end;

    private SegmentIndex(int[] relatives, int[] offsets, int count, int entries, int end) {
        this.relatives = relatives;
        this.offsets = offsets;
        this.count = count;
        this.entries = entries;
        this.end = end;
    }

    /** How many entries the segment holds. */
    int entries() {
        return entries;
    }

    /** Where the last record ends, in bytes from the start of the file. */
    int end() {
        return end;
    }

    /**
     * The offset of the last known record at or before an entry. The entry begins less than {@link #STRIDE_BYTES} behind
     * it.
     *
     * @param relative index minus the segment's first, less than {@link #entries()}
     */
    int offsetAtOrBefore(int relative) {
        int found = Arrays.binarySearch(relatives, 0, count, relative);
        return offsets[found >= 0 ? found : -found - 2];
    }

    /** Grows with a segment. For one thread. */
    static final class Builder {
        private int[] relatives = new int[16];
        private int[] offsets = new int[16];
        private int count;

        void add(int relative, int offset) {
            if (count > 0 && offset - offsets[count - 1] < STRIDE_BYTES) {
                return;
            }
            if (count == offsets.length) {
                relatives = Arrays.copyOf(relatives, count * 2);
                offsets = Arrays.copyOf(offsets, count * 2);
            }
            relatives[count] = relative;
            offsets[count] = offset;
            count++;
        }

        SegmentIndex view(int entries, int end) {
            return new SegmentIndex(relatives, offsets, count, entries, end);
        }
    }
}
