package io.keelson.apiserver.fairness;

import java.util.concurrent.atomic.LongAdder;

/** What has become so far of the requests of one schema in a level, or of all of a level. Any thread. */
final class RequestCounts {
    private final LongAdder begun = new LongAdder();
    private final LongAdder ended = new LongAdder();
    private final LongAdder seats = new LongAdder();
    private final LongAdder waiting = new LongAdder();
    private final LongAdder queueFull = new LongAdder();
    private final LongAdder noSeat = new LongAdder();
    private final LongAdder timedOut = new LongAdder();
    private final LongAdder cancelled = new LongAdder();

    void begun(int taken) {
        begun.increment();
        seats.add(taken);
    }

    void ended() {
        ended.increment();
    }

    /** Seats are free again. */
    void freed(int given) {
        seats.add(-given);
    }

    void waits() {
        waiting.increment();
    }

    void waitsNoMore() {
        waiting.decrement();
    }

    void refused(PriorityLevel.Refusal refusal) {
        switch (refusal) {
            case CONCURRENCY_LIMIT -> noSeat.increment();
            case QUEUE_FULL -> queueFull.increment();
            case TIME_OUT -> timedOut.increment();
            case CANCELLED -> cancelled.increment();
        }
    }

    /** Takes over what another one counted. */
    void add(RequestCounts other) {
        ended.add(other.ended.sum());
        begun.add(other.begun.sum());
        seats.add(other.seats.sum());
        waiting.add(other.waiting.sum());
        queueFull.add(other.queueFull.sum());
        noSeat.add(other.noSeat.sum());
        timedOut.add(other.timedOut.sum());
        cancelled.add(other.cancelled.sum());
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

    /** Seats that they have. */
    long seats() {
        return Math.max(0, seats.sum());
    }

    /** Those that wait. */
    long waiting() {
        return Math.max(0, waiting.sum());
    }

    /** Those that were refused at once. */
    long rejected() {
        return queueFull.sum() + noSeat.sum();
    }

    /** Those of them whose queue was full. */
    long queueFull() {
        return queueFull.sum();
    }

    /** Those of them that found no seat where nobody may wait. */
    long noSeat() {
        return noSeat.sum();
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
