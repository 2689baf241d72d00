package io.keelson.apiserver.cache;

import io.keelson.apiserver.errors.ApiException;
import org.jspecify.annotations.Nullable;

/** What a watch tells. */
public sealed interface WatchItem {
    /** What happened, from where the watch stands: what it selects comes and goes. */
    enum Type {
        ADDED,
        MODIFIED,
        DELETED
    }

    /**
     * Something happened to an object.
     *
     * @param entry the object, which may have more in it than this watch's selection still chooses; for DELETED as it was
     *     before, with the revision of the event
     */
    record Change(Type type, CacheEntry entry) implements WatchItem {}

    /**
     * All events up to this revision have come.
     *
     * @param initialEventsEnd whether it follows the objects there were at the beginning
     */
    record Bookmark(long revision, boolean initialEventsEnd) implements WatchItem {}

    /**
     * The watch is over.
     *
     * @param why what to tell the client; null if it may simply watch again from where it is
     */
    record End(@Nullable ApiException why) implements WatchItem {}
}
