package io.keelson.controllers.process;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that goes on until the process is told to end, by SIGTERM or SIGINT. Whatever it waits for at that moment is
 * interrupted, and the process stays until the work has closed what it had, but no longer than a limit. A second signal ends it
 * at once, with exit code 1.
 *
 * <p>The work may as well be a part of a larger process, on a thread of which somebody else takes care: it ends in the same way
 * when that thread is interrupted.
 */
public final class GracefulShutdown {
    private static final Logger LOG = LoggerFactory.getLogger(GracefulShutdown.class);

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread worker;
    private final Duration endMax;
    private volatile boolean told;

    private GracefulShutdown(Thread worker, Duration endMax) {
        this.worker = worker;
        this.endMax = endMax;
    }

    /**
     * What is done; on the thread that calls {@link #run}.
     *
     * @param <E> what else may go wrong with it
     */
    public interface Work<E extends Exception> {
        /**
         * Does all of it.
         *
         * @return an exit code, if it comes to an end by itself
         * @throws InterruptedException once it has closed what it had, when it is told to end
         */
        int run() throws E, InterruptedException;
    }

    /**
     * Works.
     *
     * @param endMax how long the process waits for the work to close what it has
     * @return the work's exit code; 0 if it was told to end, and this thread is marked as interrupted then
     * @throws E as the work does, but not while it is being ended: what it was about to do fails as it may
     */
    public static <E extends Exception> int run(Duration endMax, Work<E> work) throws E {
        GracefulShutdown shutdown = new GracefulShutdown(Thread.currentThread(), endMax);
        Thread hook = Thread.ofPlatform().name("shutdown").unstarted(shutdown::end);
        if (!isAdded(hook)) {
            Thread.currentThread().interrupt();
            return 0;
        }
        try {
            return work.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        } catch (Exception e) {
            if (!shutdown.told) {
                throw e;
            }
            LOG.debug("what ran was interrupted", e);
            Thread.currentThread().interrupt();
            return 0;
        } finally {
            // Before this thread goes on to end the process: that waits for all hooks.
            shutdown.ended.countDown();
            remove(hook);
        }
    }

    /** Waits until it is told to end; for work that goes on by itself. */
    public static void await() throws InterruptedException {
        new CountDownLatch(1).await();
    }

    private void end() {
        SecondSignal.endsProcess();
        told = true;
        worker.interrupt();
        try {
            if (!ended.await(endMax.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("what runs has not ended within {} s", endMax.toSeconds());
            }
        } catch (InterruptedException e) {
            // Nobody interrupts a hook but who wants it to end at once.
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isAdded(Thread hook) {
        try {
            Runtime.getRuntime().addShutdownHook(hook);
            return true;
        } catch (IllegalStateException e) {
            LOG.debug("the process ends already");
            return false;
        }
    }

    private static void remove(Thread hook) {
        try {
            boolean _ = Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The hook is what told the work to end: it runs.
            LOG.debug("the process ends");
        }
    }
}
