package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.core.Scheduler;
import com.alipay.sofa.jraft.util.SPI;
import com.alipay.sofa.jraft.util.timer.RaftTimerFactory;
import com.alipay.sofa.jraft.util.timer.Timeout;
import com.alipay.sofa.jraft.util.timer.Timer;
import com.alipay.sofa.jraft.util.timer.TimerTask;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Timers of the consensus library on two threads per process. Its own factory makes a hashed wheel that ticks every
 * millisecond for each of four timers of each member. Shared by all members of a process; it keeps no state of theirs.
 */
@SPI(name = "keelson", priority = 100)
public final class SharedTimers implements RaftTimerFactory {
    private static final Logger log = LoggerFactory.getLogger(SharedTimers.class);
    private static final int THREADS = 2;
    private static final ScheduledThreadPoolExecutor EXECUTOR = executor();

    private static ScheduledThreadPoolExecutor executor() {
        AtomicInteger number = new AtomicInteger();
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(THREADS, task -> {
            Thread thread = new Thread(task, "raft-timer-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }

    private static final Timer TIMER = new Timer() {
        @Override
        public Timeout newTimeout(TimerTask task, long delay, TimeUnit unit) {
            return new OneShot(task, delay, unit);
        }

        @Override
        public Set<Timeout> stop() {
            return Set.of();
        }
    };

    private static final Scheduler SCHEDULER = new Scheduler() {
        @Override
        public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
            return EXECUTOR.schedule(command, delay, unit);
        }

        @Override
        public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long initialDelay, long period, TimeUnit unit) {
            return EXECUTOR.scheduleAtFixedRate(command, initialDelay, period, unit);
        }

        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(
                Runnable command, long initialDelay, long delay, TimeUnit unit) {
            return EXECUTOR.scheduleWithFixedDelay(command, initialDelay, delay, unit);
        }

        @Override
        public void shutdown() {
            // Other members of the process use it too.
        }
    };

    @Override
    public Timer getElectionTimer(boolean shared, String name) {
        return TIMER;
    }

    @Override
    public Timer getVoteTimer(boolean shared, String name) {
        return TIMER;
    }

    @Override
    public Timer getStepDownTimer(boolean shared, String name) {
        return TIMER;
    }

    @Override
    public Timer getSnapshotTimer(boolean shared, String name) {
        return TIMER;
    }

    @Override
    public Scheduler getRaftScheduler(boolean shared, int workerNum, String name) {
        return SCHEDULER;
    }

    @Override
    public Timer createTimer(String name) {
        return TIMER;
    }

    @Override
    public Scheduler createScheduler(int workerNum, String name) {
        return SCHEDULER;
    }

    private static final class OneShot implements Timeout, Runnable {
        private final TimerTask task;
        private final ScheduledFuture<?> scheduled;
        private volatile boolean expired;

        OneShot(TimerTask task, long delay, TimeUnit unit) {
            this.task = task;
            this.scheduled = EXECUTOR.schedule(this, delay, unit);
        }

        @Override
        public void run() {
            expired = true;
            try {
                task.run(this);
            } catch (Exception e) {
                log.error("a timer of the log failed", e);
            }
        }

        @Override
        public Timer timer() {
            return TIMER;
        }

        @Override
        public TimerTask task() {
            return task;
        }

        @Override
        public boolean isExpired() {
            return expired;
        }

        @Override
        public boolean isCancelled() {
            return scheduled.isCancelled();
        }

        @Override
        public boolean cancel() {
            return scheduled.cancel(false);
        }
    }
}
