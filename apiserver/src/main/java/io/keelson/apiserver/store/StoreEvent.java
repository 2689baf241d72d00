package io.keelson.apiserver.store;

/** Something that a watch tells. What was there before is not told: who follows a prefix knows it. */
public sealed interface StoreEvent {
    /** The store's revision as of this event. */
    long revision();

    /**
     * A value was written.
     *
     * @param created whether there was none under its key before
     * @param last whether nothing more of the same revision is told: a transaction, or the end of a lease, changes many values
     *     at one
     */
    record Put(StoredValue value, boolean created, boolean last) implements StoreEvent {
        @Override
        public long revision() {
            return value.revision();
        }
    }

    /**
     * A value was removed.
     *
     * @param last as of {@link Put}
     */
    record Deleted(String key, long revision, boolean last) implements StoreEvent {}

    /** Nothing happened up to this revision beyond what was told. */
    record Progress(long revision) implements StoreEvent {}
}
