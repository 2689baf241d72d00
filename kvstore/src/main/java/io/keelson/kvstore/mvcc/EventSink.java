package io.keelson.kvstore.mvcc;

import java.util.List;

/** Where committed changes go, in the order of revisions without gaps. Called by the apply thread; must not block. */
public interface EventSink {
    /** The changes of a batch, after readers can see them. */
    void committed(List<RevisionEvents> batch);

    /** History up to {@code revision} was dropped. */
    void compacted(long revision);

    /** The whole state was replaced, by a snapshot from another member; the newest revision is now {@code revision}. */
    void restored(long revision);
}
