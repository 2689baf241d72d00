package io.keelson.kvstore.mvcc;

/** Hears how long range requests take to be read. Called by the threads that read: adds up and returns. */
@FunctionalInterface
public interface RangeObserver {
    /** @param success whether there was an answer, rather than an error */
    void ranged(boolean success, long nanos);
}
