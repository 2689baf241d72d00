package io.keelson.benchmarks.load;

/** Something to measure on a target. An instance belongs to one target and is used by one thread. */
interface Workload {
    /** Puts the data in place that the workload needs, and does enough of it that the target is warm. */
    void prepare(long warmUpOperations) throws InterruptedException;

    /** Does it for about so long. */
    ClosedLoop.Outcome run(long durationNanos) throws InterruptedException;

    /** Takes away watches, leases and streams. */
    void finish() throws InterruptedException;
}
