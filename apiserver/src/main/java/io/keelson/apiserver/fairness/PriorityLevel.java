package io.keelson.apiserver.fairness;

import io.keelson.apiserver.fairness.FairQueues.Waiter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The seats of one level of priority, and who waits for them. Any thread.
 *
 * <p>One number says how many seats are taken and how many requests wait. As long as nobody waits and there are seats enough,
 * a request takes them by changing that number, and gives them back likewise. Who finds none takes the lock, gets into a
 * queue and counts itself as waiting; who gives seats back and sees that somebody waits takes the lock and seats the next
 * ones. Since both are one number, either the one who gets into the queue sees the seats, or the one who gives them back sees
 * that somebody waits. Nobody overtakes those who wait.
 */
final class PriorityLevel {
    private static final long WAITER = 1L << 32;

    /** How often somebody who waits looks whether its client is still there. */
    private static final long LOOK_NANOS = 100_000_000;

    /** Schemas come and go; the requests of those beyond are counted together. */
    private static final int SCHEMAS_MAX = 200;

    private static final String OTHER_SCHEMAS = "OTHER";

    private static final double[] UTILIZATION_BOUNDS = {0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1};

    private final String name;
    private final LongSupplier nanoTime;
    private final Consumer<Seat> later;
    /** Seats taken in the lower half, requests that wait in the upper one. */
    private final AtomicLong state = new AtomicLong();

    private final LongAdder exemptSeats = new LongAdder();
    private final ReentrantLock lock = new ReentrantLock();
    private final FairQueues queues = new FairQueues();
    private final SeatDemand demand = new SeatDemand();
    private final TimedRatio utilization = new TimedRatio(UTILIZATION_BOUNDS);
    private final RetryAfter retryAfter;
    private final FlowTimes times;

    /** By the name of the schema. */
    private final Map<String, RequestCounts> counts = new ConcurrentHashMap<>();

    private volatile LevelConfiguration configuration;
    private volatile SeatLimits limits;
    private volatile int seats;

    /** What came of asking for a seat. */
    sealed interface Outcome {}

    /** A seat, or several; to be {@link #release released} once. */
    static final class Seat implements Outcome {
        private final PriorityLevel level;
        private final Flow flow;
        private final Work work;
        private final boolean exempt;
        private final FairQueues.@Nullable Queue queue;
        private final long begunNanos;
        private double seconds;

        private Seat(PriorityLevel level, Flow flow, Work work, boolean exempt, FairQueues.@Nullable Queue queue) {
            this.level = level;
            this.flow = flow;
            this.work = work;
            this.exempt = exempt;
            this.queue = queue;
            this.begunNanos = level.nanoTime.getAsLong();
        }

        /** The request is answered. What comes after it, if anything does, still takes its time. */
        void release() {
            level.counts(flow).ended();
            long nanos = level.nanoTime.getAsLong() - begunNanos;
            level.times.served(level.name, flow.schema().name(), work.reserved(), nanos);
            seconds = nanos / 1e9;
            if (work.finalNanos() > 0 && !exempt) {
                level.later.accept(this);
            } else {
                free();
            }
        }

        Work work() {
            return work;
        }

        /** Gives the seats to others. */
        void free() {
            level.free(this);
        }
    }

    /** No seat. */
    enum Refusal implements Outcome {
        /** All are taken, and nobody may wait. */
        CONCURRENCY_LIMIT,
        QUEUE_FULL,
        TIME_OUT,
        /** The client has left. */
        CANCELLED
    }

    /** @param later has {@link Seat#free} called when the work that is left after an answer is over */
    PriorityLevel(
            LevelConfiguration configuration,
            SeatLimits limits,
            LongSupplier nanoTime,
            FlowTimes times,
            Consumer<Seat> later) {
        this.name = configuration.name();
        this.configuration = configuration;
        this.limits = limits;
        this.seats = limits.nominal();
        this.nanoTime = nanoTime;
        this.times = times;
        this.later = later;
        this.retryAfter = new RetryAfter(nanoTime);
    }

    String name() {
        return name;
    }

    LevelConfiguration configuration() {
        return configuration;
    }

    SeatLimits limits() {
        return limits;
    }

    /** How many seats it has at the moment. */
    int seats() {
        return seats;
    }

    SeatDemand demand() {
        return demand;
    }

    /** What it has had use for, for those who divide seats up. */
    SeatAllocation.Level use() {
        return new SeatAllocation.Level(name, configuration.exempt(), limits, demand.highest(), demand.smoothed());
    }

    /** Which part of its seats was in use, and for how long. */
    TimedRatio utilization() {
        return utilization;
    }

    /**
     * Looks which part of its seats is in use.
     *
     * @param otherwise what it is a part of if the level has no seats
     * @param nanos since the last look
     */
    void sampleUtilization(int otherwise, long nanos) {
        int all = seats;
        utilization.observe((double) seatsInUse() / (all > 0 ? all : otherwise), nanos);
    }

    /** Of all its requests. */
    RequestCounts counts() {
        RequestCounts all = new RequestCounts();
        counts.values().forEach(all::add);
        return all;
    }

    /** By the schemas whose requests it has had. */
    Map<String, RequestCounts> countsBySchema() {
        return new TreeMap<>(counts);
    }

    private RequestCounts counts(Flow flow) {
        String schema = flow.schema().name();
        RequestCounts known = counts.get(schema);
        if (known != null) {
            return known;
        }
        return counts.computeIfAbsent(counts.size() < SCHEMAS_MAX ? schema : OTHER_SCHEMAS, _ -> new RequestCounts());
    }

    RetryAfter retryAfter() {
        return retryAfter;
    }

    int seatsInUse() {
        return configuration.exempt() ? (int) exemptSeats.sum() : (int) state.get();
    }

    int waiting() {
        return (int) (state.get() >>> 32);
    }

    boolean isIdle() {
        return state.get() == 0 && exemptSeats.sum() == 0;
    }

    /** Has another configuration from now on; those who wait go on waiting where they are. */
    void configure(LevelConfiguration newConfiguration, SeatLimits newLimits) {
        lock.lock();
        try {
            configuration = newConfiguration;
            boolean same = newLimits.equals(limits);
            limits = newLimits;
            if (!same) {
                seats = newLimits.nominal();
            }
            seatNext();
        } finally {
            lock.unlock();
        }
    }

    /** Has more or fewer seats from now on. */
    void resize(int newSeats) {
        lock.lock();
        try {
            seats = newSeats;
            seatNext();
        } finally {
            lock.unlock();
        }
    }

    /** Looks how many seats are wanted at the moment. */
    void sampleDemand() {
        int wanted = seatsInUse();
        if (waiting() > 0) {
            lock.lock();
            try {
                wanted += queues.seatsWaiting();
            } finally {
                lock.unlock();
            }
        }
        demand.sample(wanted);
    }

    /**
     * Takes seats, or waits for them.
     *
     * @param waitNanosMax how long at most
     * @param gone whether the client has left
     */
    Outcome take(Flow flow, Work work, long waitNanosMax, BooleanSupplier gone) throws InterruptedException {
        if (configuration.exempt()) {
            exemptSeats.add(work.reserved());
            return seated(flow, work, true);
        }
        if (takeFree(work.reserved())) {
            return seated(flow, work, false);
        }
        return queue(flow, work, waitNanosMax, gone);
    }

    private Seat seated(Flow flow, Work work, boolean exempt) {
        counts(flow).begun(work.reserved());
        return new Seat(this, flow, work, exempt, null);
    }

    /** Takes seats if nobody waits and there are enough. */
    private boolean takeFree(int wanted) {
        while (true) {
            long now = state.get();
            if (now >>> 32 != 0 || !fits((int) now, wanted)) {
                return false;
            }
            if (state.compareAndSet(now, now + wanted)) {
                demand.peak((int) now + wanted);
                return true;
            }
        }
    }

    /** A request that wants more than there is at all is served alone. */
    private boolean fits(int inUse, int wanted) {
        int all = seats;
        return wanted > all ? inUse == 0 || configuration.exempt() : inUse <= all - wanted;
    }

    private Outcome queue(Flow flow, Work work, long waitNanosMax, BooleanSupplier gone) throws InterruptedException {
        Waiter waiter;
        lock.lock();
        try {
            LevelConfiguration.Queuing queuing = configuration.queuing();
            if (queuing == null) {
                return takeFree(work.reserved()) ? seated(flow, work, false) : refused(flow, Refusal.CONCURRENCY_LIMIT);
            }
            FairQueues.Queue queue = queues.choose(flow, queuing);
            if (queue.length() >= queuing.lengthMax()) {
                return refused(flow, Refusal.QUEUE_FULL);
            }
            waiter = new Waiter(flow, work, queue, nanoTime.getAsLong());
            queues.add(waiter);
            counts(flow).waits();
            times.queued(name, flow.schema().name(), queue.length());
            state.addAndGet(WAITER);
            demand.peak((int) state.get() + queues.seatsWaiting());
            seatNext();
        } finally {
            lock.unlock();
        }
        return await(waiter, waitNanosMax, gone);
    }

    private Refusal refused(Flow flow, Refusal refusal) {
        counts(flow).refused(refusal);
        if (refusal != Refusal.CANCELLED) {
            retryAfter.refused();
        }
        return refusal;
    }

    private Outcome await(Waiter waiter, long waitNanosMax, BooleanSupplier gone) throws InterruptedException {
        boolean interrupted = false;
        Refusal refusal = null;
        while (!waiter.isSeated() && refusal == null) {
            long left = waitNanosMax - (nanoTime.getAsLong() - waiter.arrivedNanos());
            if (interrupted || gone.getAsBoolean()) {
                refusal = Refusal.CANCELLED;
            } else if (left <= 0) {
                refusal = Refusal.TIME_OUT;
            } else {
                LockSupport.parkNanos(this, Math.min(left, LOOK_NANOS));
                interrupted = Thread.interrupted();
            }
        }
        boolean left = refusal != null && leaveQueue(waiter);
        times.waited(name, waiter.flow().schema().name(), !left, nanoTime.getAsLong() - waiter.arrivedNanos());
        if (refusal != null && left) {
            refused(waiter.flow(), refusal);
            if (interrupted) {
                throw new InterruptedException();
            }
            return refusal;
        }
        Seat seat = new Seat(this, waiter.flow(), waiter.work(), false, waiter.queue());
        if (interrupted) {
            seat.release();
            throw new InterruptedException();
        }
        return seat;
    }

    /** Gives up a place; false if it has got its seats meanwhile. */
    private boolean leaveQueue(Waiter waiter) {
        lock.lock();
        try {
            if (waiter.isSeated()) {
                return false;
            }
            queues.remove(waiter);
            counts(waiter.flow()).waitsNoMore();
            state.addAndGet(-WAITER);
            // It may have stood in front and wanted more than those behind it.
            seatNext();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void free(Seat seat) {
        Work work = seat.work;
        counts(seat.flow).freed(work.reserved());
        if (seat.exempt) {
            exemptSeats.add(-work.reserved());
            return;
        }
        long now = state.addAndGet(-work.reserved());
        FairQueues.Queue queue = seat.queue;
        if (queue == null && now >>> 32 == 0) {
            return;
        }
        lock.lock();
        try {
            if (queue != null) {
                queues.leave(queue, work, seat.seconds);
            }
            seatNext();
        } finally {
            lock.unlock();
        }
    }

    /** Seats those whose turn it is, as long as there are seats. Under the lock. */
    private void seatNext() {
        while (true) {
            Waiter next = queues.next();
            if (next == null || !takeForWaiter(next.work().reserved())) {
                return;
            }
            RequestCounts counted = counts(next.flow());
            counted.waitsNoMore();
            counted.begun(next.work().reserved());
            queues.seat(next);
            LockSupport.unpark(next.thread());
        }
    }

    private boolean takeForWaiter(int wanted) {
        while (true) {
            long now = state.get();
            if (!fits((int) now, wanted)) {
                return false;
            }
            if (state.compareAndSet(now, now + wanted - WAITER)) {
                return true;
            }
        }
    }

    /** How many queues have something to do. */
    int activeQueues() {
        Integer count = look(List::size);
        return count;
    }

    /** What is going on in the queues, for people. */
    <T> T look(Function<List<FairQueues.Queue>, T> view) {
        lock.lock();
        try {
            return view.apply(queues.active());
        } finally {
            lock.unlock();
        }
    }
}
