package io.keelson.apiserver.cache;

/**
 * What has come to pass in a cache since it was opened.
 *
 * @param received events that came from the store
 * @param dispatched events that were handed to watches
 * @param initial objects and events that watches began with
 * @param loads how often everything was listed
 * @param tooSlow watches that were ended because they were too far behind
 * @param consistentReads reads that waited until the cache was as fresh as the store
 * @param failedReads those for which it did not get there in time, or the store could not be asked
 * @param lists lists, and pages of lists, that were made
 * @param listFetched objects that were looked at for them
 * @param listReturned objects that are in them
 * @param checksPassed how often it was held against the store, and there was no difference
 * @param checksFailed how often there was one
 * @param checksBroken how often it could not be found out
 */
public record CacheCounts(
        long received,
        long dispatched,
        long initial,
        long loads,
        long tooSlow,
        long consistentReads,
        long failedReads,
        long lists,
        long listFetched,
        long listReturned,
        long checksPassed,
        long checksFailed,
        long checksBroken) {
    /** Those of two caches of one resource together. */
    public CacheCounts plus(CacheCounts other) {
        return new CacheCounts(
                received + other.received,
                dispatched + other.dispatched,
                initial + other.initial,
                loads + other.loads,
                tooSlow + other.tooSlow,
                consistentReads + other.consistentReads,
                failedReads + other.failedReads,
                lists + other.lists,
                listFetched + other.listFetched,
                listReturned + other.listReturned,
                checksPassed + other.checksPassed,
                checksFailed + other.checksFailed,
                checksBroken + other.checksBroken);
    }
}
