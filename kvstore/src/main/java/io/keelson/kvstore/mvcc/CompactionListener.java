package io.keelson.kvstore.mvcc;

/** Is told by the apply thread what the compacted revision is; must not block. */
public interface CompactionListener {
    /** A compaction was written. */
    void compacted(long revision);

    /** The whole state was replaced. */
    void restored(long compactRevision);
}
