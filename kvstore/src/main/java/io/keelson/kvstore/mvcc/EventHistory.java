package io.keelson.kvstore.mvcc;

/** The past of the store, for watchers that are behind. Called from any thread; reads a snapshot and holds nothing up. */
public interface EventHistory {
    /** The revision of the newest change that readers can see. */
    long currentRevision();

    /** The revision up to which history was dropped; events of that revision and later ones are all kept. -1 before the first compaction. */
    long compactRevision();

    /**
     * Visits the events of {@code range} from a revision on, in order, whole revisions only.
     *
     * @param fromRevision first revision, inclusive
     * @param toRevision last revision, inclusive
     * @param withPrevious whether {@link KvEvent#previous} is wanted, which costs a read each
     * @param visitor stops the reading by returning false; the rest of that revision is still visited
     * @return the last revision looked at, wholly: a next call goes on with the one after
     * @throws io.keelson.kvstore.errors.EtcdException COMPACTED if {@code fromRevision} &lt; {@link #compactRevision}
     */
    long read(long fromRevision, long toRevision, KeyRange range, boolean withPrevious, Visitor visitor);

    /** Receives events in order. */
    @FunctionalInterface
    interface Visitor {
        /** Returns whether to go on. */
        boolean visit(KvEvent event);
    }
}
