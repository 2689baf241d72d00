package io.keelson.kvstore.mvcc;

/** Hears how the dropping of history goes on. Called by the compactor's thread. */
public interface CompactionObserver {
    /** A batch of work has dropped so many rows. */
    void dropped(int rows, long nanos);

    /** A compaction is done, so long after this member took it up. */
    void finished(long nanos);
}
