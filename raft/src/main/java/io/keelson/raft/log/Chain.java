package io.keelson.raft.log;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which part of which file is the log, at one moment. Immutable but for the end of the newest segment, which moves
 * on.
 *
 * @param sealed segments that are not written any more, oldest first
 * @param active the one that is
 * @param firstIndex the first index of the log
 */
record Chain(List<Link> sealed, ActiveSegment active, long firstIndex) {
    /**
     * @param end where the log ends in the segment
     * @param endIndex index after the last entry in it that is part of the log
     */
    record Link(Segment segment, int end, long endIndex) {}

    Chain {
        sealed = List.copyOf(sealed);
    }

    /** Index after the last. */
    long nextIndex() {
        return active.nextIndex();
    }

    boolean isEmpty() {
        return nextIndex() == firstIndex;
    }

    /** The segment that holds an entry, or null if the log does not have it. */
    @Nullable
    Link find(long index) {
        if (index < firstIndex) {
            return null;
        }
        if (index >= active.firstIndex()) {
            SegmentIndex places = active.index();
            long endIndex = active.firstIndex() + places.entries();
            return index < endIndex ? new Link(active.segment(), places.end(), endIndex) : null;
        }
        int low = 0;
        int high = sealed.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (sealed.get(middle).segment().firstIndex() <= index) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return sealed.get(low);
    }
}
