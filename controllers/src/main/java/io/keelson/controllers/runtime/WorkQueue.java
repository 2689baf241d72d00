package io.keelson.controllers.runtime;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keys that wait for a worker. Each is in it once, however often it is added; a key that is added while a worker has it is
 * given out again after that one is {@linkplain #done done}, never to two at once. So it holds no more than there are keys.
 *
 * <p>What failed comes back {@linkplain #retry later}: 5 ms after its first failure, twice that each time, at most 1,000 s;
 * and all failures of the queue together at no more than ten a second once a hundred have come at once. These are
 * client-go's defaults. Keys come out in the order in which they came in.
 *
 * <p>Safe for any thread.
 *
 * @param <K> the key; equality is what makes two the same
 */
public final class WorkQueue<K> implements AutoCloseable {
    private static final Duration FIRST_RETRY = Duration.ofMillis(5);
    private static final Duration LAST_RETRY = Duration.ofSeconds(1000);
    private static final int RETRIES_AT_ONCE = 100;
    private static final long BETWEEN_RETRIES = TimeUnit.MILLISECONDS.toNanos(100);
    /** Nobody waits for longer, and nothing overflows. */
    private static final Duration LONGEST_DELAY = Duration.ofDays(36_500);

    private final Time time;
    private final QueueMetrics metrics;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition filled = lock.newCondition();
    /** Keys that no worker has, in their order. */
    private final ArrayDeque<K> waiting = new ArrayDeque<>();
    /**
     * Keys that are to be given out, those that a worker still has included, with the time of their first wish. All times are
     * of a clock that does not jump: nothing waits for longer because the machine's was set back.
     */
    private final Map<K, Long> wanted = new HashMap<>();

    /** Keys that workers have, and since when. */
    private final Map<K, Long> worked = new HashMap<>();
    /** When keys are to be added that were delayed: the earliest wish counts. */
    private final Map<K, Long> delayed = new HashMap<>();

    private final Map<K, Integer> failures = new HashMap<>();
    /** When the bucket of retries will be full again. */
    private long retriesUntil;

    private boolean closed;

    /** An empty queue. */
    public WorkQueue(Time time, QueueMetrics metrics) {
        this.time = time;
        this.metrics = metrics;
        retriesUntil = time.nanoTime() - BETWEEN_RETRIES * RETRIES_AT_ONCE;
        metrics.observe(this::figures);
    }

    /** Wants a key worked on. */
    public void add(K key) {
        lock.lock();
        try {
            if (closed || wanted.putIfAbsent(key, time.nanoTime()) != null) {
                return;
            }
            metrics.added();
            if (!worked.containsKey(key)) {
                waiting.add(key);
                filled.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Wants a key worked on after a delay. Of several wishes for a key that are open, the earliest counts. */
    public void addAfter(K key, Duration delay) {
        if (delay.isNegative() || delay.isZero()) {
            add(key);
            return;
        }
        Duration bounded = delay.compareTo(LONGEST_DELAY) < 0 ? delay : LONGEST_DELAY;
        long due;
        lock.lock();
        try {
            due = time.nanoTime() + bounded.toNanos();
            Long earlier = delayed.get(key);
            if (closed || (earlier != null && due - earlier >= 0)) {
                return;
            }
            delayed.put(key, due);
        } finally {
            lock.unlock();
        }
        time.after(bounded, () -> addIfDue(key, due));
    }

    private void addIfDue(K key, long due) {
        long left;
        lock.lock();
        try {
            Long wish = delayed.get(key);
            if (wish == null || wish != due) {
                // An earlier wish came first, and this one is part of it.
                return;
            }
            left = due - time.nanoTime();
            if (left <= 0) {
                delayed.remove(key);
            }
        } finally {
            lock.unlock();
        }
        if (left > 0) {
            // A timer and a clock do not agree to the last nanosecond, and the timer waits a year at most.
            time.after(Duration.ofNanos(left), () -> addIfDue(key, due));
        } else {
            add(key);
        }
    }

    /** Wants a key that failed worked on again, later each time. */
    public void retry(K key) {
        Duration delay;
        lock.lock();
        try {
            int before = failures.merge(key, 1, Integer::sum) - 1;
            metrics.retried();
            // 5 ms times two to the eighteenth is more than the longest.
            Duration own = before >= 18 ? LAST_RETRY : FIRST_RETRY.multipliedBy(1L << before);
            delay = longer(own, turnOfRetry());
        } finally {
            lock.unlock();
        }
        addAfter(key, delay);
    }

    /** How long the next retry has to wait for the others. */
    private Duration turnOfRetry() {
        long now = time.nanoTime();
        long burst = now - BETWEEN_RETRIES * RETRIES_AT_ONCE;
        retriesUntil = (retriesUntil - burst < 0 ? burst : retriesUntil) + BETWEEN_RETRIES;
        return Duration.ofNanos(Math.max(0, retriesUntil - now));
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    /** Says that a key went well: its next failure is its first. */
    public void forget(K key) {
        lock.lock();
        try {
            failures.remove(key);
        } finally {
            lock.unlock();
        }
    }

    /** How often a key failed since it last went well. */
    public int failures(K key) {
        lock.lock();
        try {
            return failures.getOrDefault(key, 0);
        } finally {
            lock.unlock();
        }
    }

    /**
     * The next key, as soon as there is one; whoever takes it says when it is {@link #done}.
     *
     * @return null if the queue is closed
     */
    public @Nullable K take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (waiting.isEmpty() && !closed) {
                filled.await();
            }
            if (closed) {
                return null;
            }
            K key = waiting.remove();
            long now = time.nanoTime();
            Long since = wanted.remove(key);
            metrics.waited(Duration.ofNanos(since == null ? 0 : now - since));
            worked.put(key, now);
            return key;
        } finally {
            lock.unlock();
        }
    }

    /** Says that a worker has ended with a key. */
    public void done(K key) {
        lock.lock();
        try {
            Long since = worked.remove(key);
            if (since == null) {
                throw new IllegalStateException("nobody works on " + key);
            }
            metrics.worked(Duration.ofNanos(time.nanoTime() - since));
            if (wanted.containsKey(key) && !closed) {
                waiting.add(key);
                filled.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** How many keys could be given out now. */
    public int depth() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** Whether nothing waits, nothing is worked on, and no failure waits for its next try. */
    public boolean idle() {
        lock.lock();
        try {
            Set<K> open = new HashSet<>(delayed.keySet());
            open.retainAll(failures.keySet());
            return waiting.isEmpty() && worked.isEmpty() && open.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Whether nothing can be done before some time passes or something happens; failures may wait for their next try. */
    public boolean resting() {
        lock.lock();
        try {
            return waiting.isEmpty() && worked.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private QueueMetrics.Figures figures() {
        lock.lock();
        try {
            long now = time.nanoTime();
            double unfinished = 0;
            double longest = 0;
            for (long since : worked.values()) {
                double seconds = (now - since) / 1e9;
                unfinished += seconds;
                longest = Math.max(longest, seconds);
            }
            return new QueueMetrics.Figures(waiting.size(), unfinished, longest);
        } finally {
            lock.unlock();
        }
    }

    /** Gives nothing out any more. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            waiting.clear();
            wanted.clear();
            delayed.clear();
            failures.clear();
            filled.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
