package io.keelson.apiserver.cache;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The bounds of caches.
 *
 * @param eventsMin how many events are kept however old they are
 * @param eventsMax how many are kept at most
 * @param eventBytesMax how much memory they may take, about
 * @param eventsFresh for how long events are kept, within those bounds: longer than from one bookmark to the next, so that
 *     a client that comes again with its last bookmark can go on
 * @param watchQueue how many events may wait for a watch before it has to catch up; a power of two
 * @param bookmarkEvery how often a watch is told how far it is
 * @param freshWait for how long a read waits until the cache has come as far as it wants
 * @param treeBytes how many bytes of objects, over all caches, may be held as trees, which take ten times as much
 * @param formBytes how much of each cache's objects may be held in other forms than the one they are stored in: bytes of
 *     those forms and of the objects themselves
 * @param nanoTime the clock
 */
public record CacheOptions(
        int eventsMin,
        int eventsMax,
        long eventBytesMax,
        Duration eventsFresh,
        int watchQueue,
        Duration bookmarkEvery,
        Duration freshWait,
        long treeBytes,
        long formBytes,
        LongSupplier nanoTime) {
    /** Those of the API server. */
    public static final CacheOptions DEFAULT = new CacheOptions(
            1000,
            100 * 1024,
            64L << 20,
            Duration.ofSeconds(75),
            256,
            Duration.ofMinutes(1),
            Duration.ofSeconds(3),
            4L << 20,
            4L << 20,
            System::nanoTime);

    public CacheOptions {
        if (Integer.bitCount(watchQueue) != 1) {
            throw new IllegalArgumentException("the queue of a watch has a power of two places, not " + watchQueue);
        }
    }

    public CacheOptions withEvents(int min, int max, long bytesMax) {
        return new CacheOptions(
                min, max, bytesMax, eventsFresh, watchQueue, bookmarkEvery, freshWait, treeBytes, formBytes, nanoTime);
    }

    public CacheOptions withWatchQueue(int places) {
        return new CacheOptions(
                eventsMin,
                eventsMax,
                eventBytesMax,
                eventsFresh,
                places,
                bookmarkEvery,
                freshWait,
                treeBytes,
                formBytes,
                nanoTime);
    }

    public CacheOptions withTimes(Duration fresh, Duration bookmarks, Duration wait, LongSupplier clock) {
        return new CacheOptions(
                eventsMin, eventsMax, eventBytesMax, fresh, watchQueue, bookmarks, wait, treeBytes, formBytes, clock);
    }
}
