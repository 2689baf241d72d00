package io.keelson.apiserver.cache;

import io.keelson.apiserver.errors.ApiException;
import java.time.Duration;
import java.util.Iterator;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A watch of a cache. One thread takes what it tells; that thread does all the work that is this watch's alone. Any thread
 * may close it.
 *
 * <p>A watch is <em>live</em> while every event in its scope is put into its queue as it happens. When the queue is full, it
 * stops being live, and remembers the event it missed first. Once it has taken everything out of its queue, it fills it
 * from the recent events, until it has reached their end and is live again, or they no longer have what it missed.
 */
public final class CacheWatch implements AutoCloseable {
    /** Events that turn out not to be selected are passed over in a row no longer than so many without a look at the time. */
    private static final int PASSED_OVER_MAX = 64;

    private final ResourceCache cache;
    private final WatchRequest request;
    private final CacheOptions options;
    private final WatchQueue queue;

    /** The objects there were at the beginning, as far as they have not been told; null once they have. */
    private @Nullable Iterator<CacheEntry> initial;

    private final long initialRevision;
    /** What has happened up to here is known to the client already; 0 if the first event says enough. */
    private final long behind;

    /** Guarded by the cache's lock for writing. */
    private volatile boolean live;

    /** The first event that was not put into the queue; counts while not live. Guarded by the cache's lock. */
    private long missed;

    private volatile WatchItem.@Nullable End end;
    private long told;
    private long nextBookmarkNanos;

    /** To be made under the cache's lock. */
    CacheWatch(
            ResourceCache cache,
            WatchRequest request,
            CacheOptions options,
            @Nullable Iterator<CacheEntry> initial,
            long initialRevision,
            long behind,
            long firstSequence,
            boolean live) {
        this.cache = cache;
        this.request = request;
        this.options = options;
        this.queue = new WatchQueue(options.watchQueue());
        this.initial = initial;
        this.initialRevision = initialRevision;
        this.behind = behind;
        this.told = behind > 0 || initial != null ? behind : initialRevision;
        this.missed = firstSequence;
        this.live = live;
        this.nextBookmarkNanos =
                options.nanoTime().getAsLong() + options.bookmarkEvery().toNanos();
    }

    WatchScope scope() {
        return request.scope();
    }

    /** Puts an event in its scope into the queue if it is live. Under the cache's lock. */
    void offer(CacheEvent event) {
        if (live && !queue.offer(event)) {
            missed = event.sequence();
            live = false;
        }
    }

    /** Ends it. Any thread. */
    void end(WatchItem.End last) {
        if (end == null) {
            end = last;
        }
        queue.wake();
    }

    /**
     * Waits for what there is to tell next.
     *
     * @param timeout for how long at most
     * @return null if nothing came in time. After an {@link WatchItem.End} there is nothing more
     */
    public @Nullable WatchItem next(Duration timeout) throws InterruptedException {
        long deadline = options.nanoTime().getAsLong() + timeout.toNanos();
        int passedOver = 0;
        while (true) {
            WatchItem item = initial != null ? nextInitial() : nextEvent();
            if (item != null) {
                return item;
            }
            boolean more = initial != null || !queue.isEmpty() || (!live && end == null);
            if (more && ++passedOver < PASSED_OVER_MAX) {
                continue;
            }
            passedOver = 0;
            WatchItem last = end;
            if (last != null && queue.isEmpty()) {
                return last;
            }
            long now = options.nanoTime().getAsLong();
            if (request.bookmarks() && now - nextBookmarkNanos >= 0) {
                WatchItem bookmark = bookmark();
                if (bookmark != null) {
                    return bookmark;
                }
            }
            if (deadline - now <= 0) {
                return null;
            }
            if (!more) {
                long until = request.bookmarks() ? Math.min(deadline, nextBookmarkNanos) : deadline;
                queue.await(Math.max(1, until - now), () -> live && end == null);
            }
        }
    }

    /**
     * Whether something waits for {@link #next}, as far as can be seen. It may come to nothing: what waits may be nothing that
     * this watch selects.
     */
    public boolean hasMore() {
        return initial != null || !queue.isEmpty() || !live || end != null;
    }

    /** Whether what {@link #next} told last was one of the objects there were at the beginning. By the thread that takes. */
    public boolean isInitial() {
        return initial != null;
    }

    /**
     * Whether all there was when it began, objects or events, has been told or is in its queue, which is short. By the thread
     * that takes.
     */
    public boolean isCaughtUp() {
        return initial == null && live;
    }

    private @Nullable WatchItem nextInitial() {
        Iterator<CacheEntry> entries = initial;
        if (entries != null && end == null) {
            for (int i = 0; i < PASSED_OVER_MAX && entries.hasNext(); i++) {
                CacheEntry entry = entries.next();
                if (selects(entry)) {
                    cache.toldInitial();
                    return new WatchItem.Change(WatchItem.Type.ADDED, entry);
                }
            }
            if (entries.hasNext()) {
                return null;
            }
        }
        initial = null;
        told = Math.max(told, initialRevision);
        return request.markInitialEnd() && end == null ? new WatchItem.Bookmark(initialRevision, true) : null;
    }

    private @Nullable WatchItem nextEvent() {
        CacheEvent event = queue.poll();
        if (event == null) {
            if (!live && end == null) {
                catchUp();
            }
            return null;
        }
        return event.revision() <= behind ? null : change(event);
    }

    private void catchUp() {
        ApiException tooSlow = cache.catchUp(this, told);
        if (tooSlow != null) {
            end(new WatchItem.End(tooSlow));
        }
    }

    /**
     * Fills the queue with recent events. Under the cache's lock.
     *
     * @param eventsMax how many to look at
     * @return whether what it missed was still there
     */
    boolean refill(RecentEvents recent, int eventsMax) {
        if (live) {
            return true;
        }
        if (missed < recent.first()) {
            return false;
        }
        long stop = Math.min(recent.next(), missed + eventsMax);
        while (missed < stop) {
            CacheEvent event = recent.get(missed);
            if (concerns(event) && !queue.offer(event)) {
                return true;
            }
            missed++;
        }
        live = missed == recent.next();
        return true;
    }

    private boolean concerns(CacheEvent event) {
        CacheEntry now = event.entry();
        CacheEntry before = event.previous();
        return (now != null && scope().contains(now)) || (before != null && scope().contains(before));
    }

    private @Nullable WatchItem change(CacheEvent event) {
        told = event.revision();
        CacheEntry now = event.entry();
        CacheEntry before = event.previous();
        boolean was = before != null && selects(before);
        if (now != null && selects(now)) {
            return new WatchItem.Change(was ? WatchItem.Type.MODIFIED : WatchItem.Type.ADDED, now);
        }
        return was ? new WatchItem.Change(WatchItem.Type.DELETED, event.lastState()) : null;
    }

    private boolean selects(CacheEntry entry) {
        Predicate<CacheEntry> selected = request.selected();
        return request.scope().contains(entry) && (selected == null || selected.test(entry));
    }

    /**
     * How far the watch is, if everything up to there has been taken: to be sent before it ends, for example. By the thread
     * that takes. Null if there is something to take first, or nothing to say that the client does not know.
     */
    public WatchItem.@Nullable Bookmark bookmark() {
        nextBookmarkNanos =
                options.nanoTime().getAsLong() + options.bookmarkEvery().toNanos();
        // In this order: what happened up to the revision was put into the queue before the revision was told.
        long revision = cache.revision();
        if (initial != null || !queue.isEmpty() || !live) {
            return null;
        }
        cache.wantProgress();
        if (revision < told || revision == 0) {
            return null;
        }
        told = revision;
        return new WatchItem.Bookmark(revision, false);
    }

    @Override
    public void close() {
        cache.leave(this);
        end(new WatchItem.End(null));
    }
}
