package io.keelson.apiserver.fairness;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Requests that wait for seats of one level, in queues that are served fairly. Guarded by the level's lock.
 *
 * <p>Each queue has a start: how much it has been served, in seats times seconds, on a scale that all queues share. The one
 * with the smallest start is served next; between equals, the one that was served longest ago. What a request takes is
 * guessed when it begins, and put right when it ends. A queue that becomes active starts where the last one that was served
 * started: it is owed nothing for the time when it wanted nothing, and owes nothing either (start-time fair queuing; Goyal,
 * Vin and Cheng, 1996).
 *
 * <p>Example, one seat, requests of 3 ms: queue A has sent a hundred requests and been served thirty when B sends its first.
 * A's next one starts at 0.090, B at 0.087, where A's last one did: B's is served first, and then both take turns.
 */
final class FairQueues {
    /** What a request is taken to last until it has ended. */
    static final double GUESS_SECONDS = 0.003;

    /** Queues that have something to do, by their numbers. */
    private final TreeMap<Integer, Queue> active = new TreeMap<>();

    /** Where the last request that was served started. */
    private double lastStart;

    private long served;

    /** Requests that share a turn. */
    static final class Queue {
        private final int index;
        private final ArrayDeque<Waiter> waiting = new ArrayDeque<>();
        private int seatsWaiting;
        private int seatsInUse;
        private int executing;
        private double nextStart;
        private long lastServed;

        Queue(int index) {
            this.index = index;
        }

        int index() {
            return index;
        }

        int length() {
            return waiting.size();
        }

        Collection<Waiter> waiting() {
            return waiting;
        }

        int executing() {
            return executing;
        }

        int seatsInUse() {
            return seatsInUse;
        }

        int seatsWaiting() {
            return seatsWaiting;
        }

        double nextStart() {
            return nextStart;
        }

        private int seats() {
            return seatsWaiting + seatsInUse;
        }

        private boolean isIdle() {
            return waiting.isEmpty() && executing == 0;
        }
    }

    /** A request that waits. */
    static final class Waiter {
        private final Flow flow;
        private final Work work;
        private final Queue queue;
        private final Thread thread = Thread.currentThread();
        private final long arrivedNanos;
        private volatile boolean seated;

        Waiter(Flow flow, Work work, Queue queue, long arrivedNanos) {
            this.flow = flow;
            this.work = work;
            this.queue = queue;
            this.arrivedNanos = arrivedNanos;
        }

        Flow flow() {
            return flow;
        }

        Work work() {
            return work;
        }

        Queue queue() {
            return queue;
        }

        Thread thread() {
            return thread;
        }

        long arrivedNanos() {
            return arrivedNanos;
        }

        boolean isSeated() {
            return seated;
        }
    }

    /** Of the queues that a flow may use, the one in which it waits for the fewest others. */
    Queue choose(Flow flow, LevelConfiguration.Queuing queuing) {
        Queue best = null;
        for (int index : Hand.deal(flow.hash(), queuing.queues(), queuing.handSize())) {
            Queue queue = active.get(index);
            if (queue == null) {
                return new Queue(index);
            }
            if (best == null || queue.seats() < best.seats()) {
                best = queue;
            }
        }
        if (best == null) {
            throw new IllegalStateException("an empty hand");
        }
        return best;
    }

    /** Puts a request at the end of its queue. */
    void add(Waiter waiter) {
        Queue queue = waiter.queue();
        if (queue.isIdle()) {
            if (active.isEmpty()) {
                lastStart = 0;
            }
            active.put(queue.index, queue);
            queue.nextStart = lastStart;
        }
        queue.waiting.add(waiter);
        queue.seatsWaiting += waiter.work().reserved();
    }

    /** Takes out a request that does not wait any longer. */
    void remove(Waiter waiter) {
        Queue queue = waiter.queue();
        if (!queue.waiting.remove(waiter)) {
            throw new IllegalStateException("it does not wait");
        }
        queue.seatsWaiting -= waiter.work().reserved();
        forgetIfIdle(queue);
    }

    /** Whose turn it is; null if nobody waits. */
    @Nullable
    Waiter next() {
        Queue best = null;
        for (Queue queue : active.values()) {
            if (!queue.waiting.isEmpty() && (best == null || isBefore(queue, best))) {
                best = queue;
            }
        }
        return best == null ? null : best.waiting.peek();
    }

    private static boolean isBefore(Queue one, Queue other) {
        return one.nextStart < other.nextStart
                || (one.nextStart == other.nextStart && one.lastServed < other.lastServed);
    }

    /** Seats the first one of a queue. */
    void seat(Waiter waiter) {
        Queue queue = waiter.queue();
        if (queue.waiting.poll() != waiter) {
            throw new IllegalStateException("it is not its turn");
        }
        int reserved = waiter.work().reserved();
        queue.seatsWaiting -= reserved;
        queue.seatsInUse += reserved;
        queue.executing++;
        queue.lastServed = ++served;
        lastStart = Math.max(lastStart, queue.nextStart);
        queue.nextStart += waiter.work().seatSeconds(GUESS_SECONDS);
        waiter.seated = true;
    }

    /**
     * A request that had waited has ended.
     *
     * @param seconds how long it was seated
     */
    void leave(Queue queue, Work work, double seconds) {
        queue.executing--;
        queue.seatsInUse -= work.reserved();
        queue.nextStart += work.seats() * (seconds - GUESS_SECONDS);
        forgetIfIdle(queue);
    }

    private void forgetIfIdle(Queue queue) {
        if (queue.isIdle()) {
            active.remove(queue.index);
        }
    }

    int seatsWaiting() {
        return active.values().stream().mapToInt(Queue::seatsWaiting).sum();
    }

    List<Queue> active() {
        return new ArrayList<>(active.values());
    }
}
