package io.keelson.apiserver.cache;

import io.keelson.apiserver.object.FieldSelector;
import io.keelson.apiserver.object.LabelSelector;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a watch is to tell.
 *
 * @param from events behind this revision; 0 for those that come from now on. Counts only without {@code initial}
 * @param initial whether to begin with the objects there are, as ADDED
 * @param markInitialEnd whether a bookmark follows the last of those
 * @param bookmarks whether to tell now and then how far the watch is
 * @param selected which objects; null for all in the scope
 */
public record WatchRequest(
        WatchScope scope,
        @Nullable Predicate<CacheEntry> selected,
        long from,
        boolean initial,
        boolean markInitialEnd,
        boolean bookmarks) {
    /** Events from now on, of everything. */
    public static final WatchRequest FROM_NOW = new WatchRequest(WatchScope.ALL, null, 0, false, false, false);

    /** Events behind a revision. */
    public WatchRequest since(long revision) {
        return new WatchRequest(scope, selected, revision, false, false, bookmarks);
    }

    /** The objects there are first. */
    public WatchRequest withInitial(boolean markEnd) {
        return new WatchRequest(scope, selected, 0, true, markEnd, bookmarks);
    }

    public WatchRequest withBookmarks() {
        return new WatchRequest(scope, selected, from, initial, markInitialEnd, true);
    }

    /**
     * Only what selectors choose.
     *
     * @param namespace empty for all
     */
    public WatchRequest selecting(
            CachedResource resource, String namespace, LabelSelector labels, FieldSelector fields) {
        return new WatchRequest(
                WatchScope.of(resource, namespace, fields),
                selection(namespace, labels, fields),
                from,
                initial,
                markInitialEnd,
                bookmarks);
    }

    /** What selectors choose; null if that is everything. For lists, too. */
    public static @Nullable Predicate<CacheEntry> selection(
            String namespace, LabelSelector labels, FieldSelector fields) {
        Predicate<CacheEntry> selected = null;
        if (!labels.isEverything()) {
            selected = entry -> labels.matches(entry.labels());
        }
        if (!fields.isEverything()) {
            Predicate<CacheEntry> byField = entry -> fields.matches(entry::field);
            selected = selected == null ? byField : byField.and(selected);
        }
        // A scope by field reaches over all namespaces.
        if (selected != null && !namespace.isEmpty()) {
            Predicate<CacheEntry> rest = selected;
            selected = entry -> entry.namespace().equals(namespace) && rest.test(entry);
        }
        return selected;
    }
}
