package io.keelson.raft.log;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Remembers which sealed segments have been read lately. The places of entries are kept for so many of them; the least
 * recently used one's are dropped, and found again by reading the file when they are asked for.
 */
final class IndexCache {
    /** At most 8 MiB of places, for 2 GiB of log. */
    private static final int SEGMENTS_MAX = 32;

    private final Map<Long, Segment> bySequence = new LinkedHashMap<>(16, 0.75f, true);

    synchronized void used(Segment segment) {
        bySequence.put(segment.sequence(), segment);
        if (bySequence.size() > SEGMENTS_MAX) {
            Segment oldest = bySequence.values().iterator().next();
            forget(oldest);
        }
    }

    synchronized void forget(Segment segment) {
        if (bySequence.remove(segment.sequence()) != null) {
            segment.publish(null);
        }
    }
}
