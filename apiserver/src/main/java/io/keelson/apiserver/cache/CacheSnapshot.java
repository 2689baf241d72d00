package io.keelson.apiserver.cache;

import io.keelson.apiserver.object.GoText;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** All objects of a resource as they were at one revision. Never changes, and costs nothing to hold for a while. */
public final class CacheSnapshot {
    private final CachedResource resource;
    private final KeyTree<CacheEntry> tree;
    private final long revision;
    private final ListCounts counts;

    CacheSnapshot(CachedResource resource, KeyTree<CacheEntry> tree, long revision, ListCounts counts) {
        this.resource = resource;
        this.tree = tree;
        this.revision = revision;
        this.counts = counts;
    }

    /** Everything in the store up to here is in it: the resource version of a list. */
    public long revision() {
        return revision;
    }

    public int size() {
        return tree.size();
    }

    /** The object under a key of the store; null if there is none. */
    public @Nullable CacheEntry get(String key) {
        return tree.get(key);
    }

    /** An object; null if there is none. */
    public @Nullable CacheEntry get(String namespace, String name) {
        return tree.get(resource.key(namespace, name));
    }

    /**
     * How many objects a namespace has.
     *
     * @param namespace empty for all
     */
    public int count(String namespace) {
        return countFrom(begin(namespace), namespace);
    }

    private int countFrom(String from, String namespace) {
        return Math.max(0, tree.rank(end(namespace)) - tree.rank(from));
    }

    /**
     * The objects of a namespace, in the order of their keys.
     *
     * @param namespace empty for all
     * @param after the key behind which to begin; empty for the beginning
     */
    public Iterator<CacheEntry> iterator(String namespace, String after) {
        return tree.range(from(namespace, after), end(namespace));
    }

    /**
     * Lists objects.
     *
     * @param namespace empty for all
     * @param after the key behind which to begin: the last one's of the page before; empty for the beginning
     * @param limit how many at most; 0 for all
     * @param selected which of them; null for all
     */
    public CachePage list(String namespace, String after, long limit, @Nullable Predicate<CacheEntry> selected) {
        List<CacheEntry> found = new ArrayList<>();
        int looked = 0;
        Iterator<CacheEntry> entries = iterator(namespace, after);
        while (entries.hasNext()) {
            CacheEntry entry = entries.next();
            looked++;
            if (selected != null && !selected.test(entry)) {
                continue;
            }
            if (limit > 0 && found.size() == limit) {
                counts.listed(looked, found.size());
                long remaining = selected == null ? countFrom(entry.key(), namespace) : -1;
                return new CachePage(found, revision, true, remaining);
            }
            found.add(entry);
        }
        counts.listed(looked, found.size());
        return new CachePage(found, revision, false, 0);
    }

    private String from(String namespace, String after) {
        String begin = begin(namespace);
        return GoText.compare(after, begin) < 0 ? begin : after + "\0";
    }

    private String begin(String namespace) {
        return resource.prefix(namespace);
    }

    /** The first key behind: {@code 0} follows the slash. */
    private String end(String namespace) {
        String begin = begin(namespace);
        return begin.substring(0, begin.length() - 1) + "0";
    }
}
