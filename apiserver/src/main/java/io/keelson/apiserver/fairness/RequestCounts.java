package io.keelson.apiserver.fairness;

import java.util.concurrent.atomic.LongAdder;

/** What has become of the requests of a level so far. Any thread. */
final class RequestCounts {
    private final LongAdder begun = new LongAdder();
    private final LongAdder ended = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder timedOut = new LongAdder();
    private final LongAdder cancelled = new LongAdder();

    void begun() {
        begun.increment();
    }

    void ended() {
        ended.increment();
    }

    void refused(PriorityLevel.Refusal refusal) {
        switch (refusal) {
            case CONCURRENCY_LIMIT, QUEUE_FULL -> rejected.increment();
            case TIME_OUT -> timedOut.increment();
            case CANCELLED -> cancelled.increment();
        }
    }

    /** Those that got seats. */
    long dispatched() {
        return begun.sum();
    }

    /** Those that are being answered. */
    long executing() {
        long over = ended.sum();
        return Math.max(0, begun.sum() - over);
    }

    /** Those that were refused at once. */
    long rejected() {
        return rejected.sum();
    }

    /** Those that waited too long. */
    long timedOut() {
        return timedOut.sum();
    }

    /** Those whose clients left while they waited. */
    long cancelled() {
        return cancelled.sum();
    }
}
