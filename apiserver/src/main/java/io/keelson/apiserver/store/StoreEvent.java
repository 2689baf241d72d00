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
     */
    record Put(StoredValue value, boolean created, @Nullable StoredValue previous) implements StoreEvent {
        @Override
        public long revision() {
            return value.revision();
        }
    }

    /**
     * A value was removed.
     *
     * @param previous what it was; null if the store does not have it any more
     */
    record Deleted(String key, long revision, @Nullable StoredValue previous) implements StoreEvent {}

    /** Nothing happened up to this revision beyond what was told. */
    record Progress(long revision) implements StoreEvent {}
}
