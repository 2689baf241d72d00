package io.keelson.kvstore.storage;

/** Knows from the history in a state which keys came and went in it. */
@FunctionalInterface
public interface KeyChanges {
    /**
     * Tells of all changes that are younger than a revision, in order.
     *
     * @param revision not older than the one that was compacted to
     */
    void since(Tables tables, long revision, Visitor visitor);

    /** Receives changes. */
    @FunctionalInterface
    interface Visitor {
        /** There is one more key ({@code by} is 1) or one less (-1). */
        void changed(byte[] key, int by);
    }
}
