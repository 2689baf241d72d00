package io.keelson.kvstore.watch;

/** One watch of one stream. Owned by the dispatcher. */
final class Watch {
    /** Where a watch stands. */
    enum State {
        /** It has been sent every event up to the dispatcher's revision, and is sent new ones as they come. */
        LIVE,
        /** Events from {@link #cursor} on have not been sent; it waits for its stream's turn. */
        BEHIND,
        /** As {@link #BEHIND}, and its events are being read from the store. */
        READING,
        /** It is over; whatever still arrives for it is dropped. */
        ENDED
    }

    final long id;
    final WatchGroup group;
    final StreamState stream;
    final boolean progressNotify;
    final boolean fragment;

    State state = State.LIVE;
    /** While live: the first revision it wants, which may lie in the future. Otherwise: the first not yet sent. */
    long cursor;
    /** The watch was created for a revision that was already compacted; it gets nothing but word of that. */
    boolean compacted;
    /** Whether nothing was sent since the last tick of its stream's progress interval. */
    boolean quiet = true;
    /** Whether it is in its stream's {@link StreamState#reports}. */
    boolean reportDue;
    /** Its place among the live watches of its group. */
    int slot = -1;

    Watch(long id, WatchGroup group, StreamState stream, boolean progressNotify, boolean fragment) {
        this.id = id;
        this.group = group;
        this.stream = stream;
        this.progressNotify = progressNotify;
        this.fragment = fragment;
    }

    Interest interest() {
        return group.interest();
    }
}
