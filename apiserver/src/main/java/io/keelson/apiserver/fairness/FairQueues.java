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
 * <p>It is as if all queues were served at the same time, a bit of each in every round. The round goes on by how many seats
 * there are for each queue that has something to do; a queue's next request begins, in rounds, where what was served of it
 * before ends. Whose next request would end first is served first. What a request takes is guessed when it begins, and put
 * right when it ends.
 *
 * <p>Example, one seat: queue A has sent a hundred requests when B sends its first. A's next one begins at round 0.300 (it
 * was served until there), B's at the present round, 0.150: B's is served first, and then both take turns.
 */
final class FairQueues {
    /** What a request is taken to last until it has ended. */
    static final double GUESS_SECONDS = 0.003;

    /** Queues that have something to do, by their numbers. */
    private final TreeMap<Integer, Queue> active = new TreeMap<>();

    private double round;
    private long roundNanos;
    private int seatsWanted;

    /** Requests that share a turn. */
    static final class Queue {
        private final int index;
        private final ArrayDeque<Waiter> waiting = new ArrayDeque<>();
        private int seatsWaiting;
        private int seatsInUse;
        private int executing;
        private double nextStart;

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
    void add(Waiter waiter, int seats, long now) {
        advance(seats, now);
        Queue queue = waiter.queue();
        if (queue.isIdle()) {
            active.put(queue.index, queue);
            queue.nextStart = round;
        }
        queue.waiting.add(waiter);
        queue.seatsWaiting += waiter.work().reserved();
        seatsWanted += waiter.work().reserved();
    }

    /** Takes out a request that does not wait any longer. */
    void remove(Waiter waiter, int seats, long now) {
        advance(seats, now);
        Queue queue = waiter.queue();
        if (!queue.waiting.remove(waiter)) {
            throw new IllegalStateException("it does not wait");
        }
        queue.seatsWaiting -= waiter.work().reserved();
        seatsWanted -= waiter.work().reserved();
        forgetIfIdle(queue);
    }

    /** Whose turn it is; null if nobody waits. */
    @Nullable
    Waiter next() {
        Waiter best = null;
        double bestEnd = 0;
        for (Queue queue : active.values()) {
            Waiter first = queue.waiting.peek();
            if (first == null) {
                continue;
            }
            double end = queue.nextStart + first.work().seatSeconds(GUESS_SECONDS);
            if (best == null || end < bestEnd || (end == bestEnd && first.arrivedNanos - best.arrivedNanos < 0)) {
                best = first;
                bestEnd = end;
            }
        }
        return best;
    }

    /** Seats the first one of a queue. */
    void seat(Waiter waiter, int seats, long now) {
        advance(seats, now);
        Queue queue = waiter.queue();
        if (queue.waiting.poll() != waiter) {
            throw new IllegalStateException("it is not its turn");
        }
        int reserved = waiter.work().reserved();
        queue.seatsWaiting -= reserved;
        queue.seatsInUse += reserved;
        queue.executing++;
        queue.nextStart += waiter.work().seatSeconds(GUESS_SECONDS);
        waiter.seated = true;
    }

    /**
     * A request that had waited has ended.
     *
     * @param seconds how long it was seated
     */
    void leave(Queue queue, Work work, double seconds, int seats, long now) {
        advance(seats, now);
        queue.executing--;
        queue.seatsInUse -= work.reserved();
        seatsWanted -= work.reserved();
        queue.nextStart += work.seats() * (seconds - GUESS_SECONDS);
        forgetIfIdle(queue);
    }

    private void forgetIfIdle(Queue queue) {
        if (queue.isIdle()) {
            active.remove(queue.index);
        }
    }

    /** @param seats that there are */
    private void advance(int seats, long now) {
        if (active.isEmpty()) {
            round = 0;
        } else {
            double seconds = (now - roundNanos) / 1e9;
            round += seconds * Math.min(seatsWanted, Math.max(1, seats)) / active.size();
        }
        roundNanos = now;
    }

    int seatsWaiting() {
        return active.values().stream().mapToInt(Queue::seatsWaiting).sum();
    }

    List<Queue> active() {
        return new ArrayList<>(active.values());
    }
}
