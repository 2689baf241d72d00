package io.keelson.raft.log;

/** The segment that grows. One thread appends, others see what it has published. */
final class ActiveSegment {
    private final Segment segment;
    private final SegmentIndex.Builder places;
    private volatile SegmentIndex index;

    /** @param places those of all entries before {@code end}, to go on with */
    ActiveSegment(Segment segment, SegmentIndex.Builder places, int entries, int end) {
        this.segment = segment;
        this.places = places;
        this.index = places.view(entries, end);
    }

    Segment segment() {
        return segment;
    }

    SegmentHeader header() {
        return segment.header();
    }

    long firstIndex() {
        return segment.firstIndex();
    }

    SegmentIndex index() {
        return index;
    }

    int end() {
        return index.end();
    }

    int freeBytes() {
        return header().segmentBytes() - end();
    }

    /** Index after the last. */
    long nextIndex() {
        return firstIndex() + index.entries();
    }

    /** Notes where an entry is; nobody sees it before it is published. */
    void place(int relative, int offset) {
        places.add(relative, offset);
    }

    /** Makes what was written visible to readers. */
    void publish(int entries, int end) {
        index = places.view(entries, end);
    }
}
