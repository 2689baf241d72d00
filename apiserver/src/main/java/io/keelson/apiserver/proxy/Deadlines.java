package io.keelson.apiserver.proxy;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Cuts connections whose time is up or whose client has left: closing a socket is what frees a thread that waits at it. */
final class Deadlines implements AutoCloseable {
    private static final Duration LOOK = Duration.ofMillis(500);

    private final ScheduledThreadPoolExecutor timer;

    /** How a wait ended. */
    enum End {
        /** It was waited for, or is still. */
        NONE,
        /** Its time was up. */
        TIME_UP,
        /** The client has left. */
        CLIENT_GONE
    }

    /** Something that is waited for; closed when it has come. */
    static final class Wait implements AutoCloseable {
        private final @Nullable ScheduledFuture<?> task;
        private volatile End end = End.NONE;
        private boolean over;

        private Wait(ScheduledThreadPoolExecutor timer, Duration limit, BooleanSupplier gone, Runnable cut) {
            long from = System.nanoTime();
            long step = limit.isZero() ? LOOK.toNanos() : Math.min(LOOK.toNanos(), Math.max(1, limit.toNanos()));
            Runnable look = () -> {
                End now = gone.getAsBoolean()
                        ? End.CLIENT_GONE
                        : !limit.isZero() && System.nanoTime() - from >= limit.toNanos() ? End.TIME_UP : End.NONE;
                if (now != End.NONE) {
                    end(now, cut);
                }
            };
            ScheduledFuture<?> scheduled = null;
            try {
                scheduled = timer.scheduleWithFixedDelay(look, step, step, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                cut.run(); // The server ends, and everything with it.
            }
            task = scheduled;
        }

        private synchronized void end(End why, Runnable cut) {
            if (end == End.NONE && !over) {
                end = why;
                cut.run();
            }
        }

        End end() {
            return end;
        }

        /** It has come: nothing is cut from now on. */
        @Override
        public void close() {
            synchronized (this) {
                over = true;
            }
            if (task != null) {
                task.cancel(false);
            }
        }
    }

    Deadlines() {
        timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("backend deadlines").daemon().factory());
        timer.setRemoveOnCancelPolicy(true);
    }

    /**
     * Watches a wait, some times a second.
     *
     * @param limit how long it may last; zero for as long as the client stays
     * @param gone whether the client has left
     * @param cut ends it; must not block
     */
    Wait watch(Duration limit, BooleanSupplier gone, Runnable cut) {
        return new Wait(timer, limit, gone, cut);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
