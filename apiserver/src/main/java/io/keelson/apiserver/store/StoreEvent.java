package io.keelson.apiserver.store;

import org.jspecify.annotations.Nullable;

/** Something that a watch tells. */
public sealed interface StoreEvent {
    /** The store's revision as of this event. */
    long revision();

    /**
     * A value was written.
     *
     * @param created whether there was none under its key before
     * @param previous what was there before; null if it was created
     * @param last whether nothing more of the same revision is told: a transaction, or the end of a lease, changes many values
     *     at one
     */
    record Put(StoredValue value, boolean created, @Nullable StoredValue previous, boolean last) implements StoreEvent {
        @Override
        public long revision() {
            return value.revision();
        }
    }

    /**
     * A value was removed.
     *
     * @param previous what it was; null if the store does not have it any more
     * @param last as of {@link Put}
     */
    record Deleted(String key, long revision, @Nullable StoredValue previous, boolean last) implements StoreEvent {}

    /** Nothing happened up to this revision beyond what was told. */
    record Progress(long revision) implements StoreEvent {}
}
