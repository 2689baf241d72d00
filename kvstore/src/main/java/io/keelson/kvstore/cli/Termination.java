package io.keelson.kvstore.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The wish that a command end: SIGINT or SIGTERM for the process, a call for a test. Only a command that has to clean
 * up takes part ({@link #handle}); any other is ended by the signal itself.
 */
public final class Termination {
    /** How long a command may clean up after a signal. */
    private static final long CLEAN_UP_S_MAX = 30;

    private final CountDownLatch wished = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final boolean ofProcess;
    private volatile int exitCode;
    private volatile Runnable reaction = () -> {};
    private volatile boolean handled;

    private Termination(boolean ofProcess) {
        this.ofProcess = ofProcess;
    }

    static Termination ofProcess() {
        return new Termination(true);
    }

    /** For a command inside another program, which calls {@link #wish()}. */
    public static Termination onCall() {
        return new Termination(false);
    }

    /** Asks the command to end. */
    public void wish() {
        wished.countDown();
        reaction.run();
    }

    boolean wished() {
        return wished.getCount() == 0;
    }

    /**
     * From now on a signal runs {@code reaction} (on another thread) instead of ending the process; the process ends
     * with the exit code the command then reports, or after 30 seconds.
     */
    void handle(Runnable onWish) {
        reaction = onWish;
        handled = true;
        if (ofProcess) {
            Runtime.getRuntime().addShutdownHook(new Thread(this::shutDown, "termination"));
        }
    }

    /** Whether the command reacts to the wish by itself. */
    boolean handled() {
        return handled;
    }

    void await() throws InterruptedException {
        wished.await();
    }

    /** Tells that the command is done and cleaned up. */
    void ended(int code) {
        exitCode = code;
        ended.countDown();
    }

    private void shutDown() {
        if (ended.getCount() == 0) {
            return;
        }
        wish();
        try {
            if (ended.await(CLEAN_UP_S_MAX, TimeUnit.SECONDS)) {
                // A hook cannot return another exit code than that of the signal.
                Runtime.getRuntime().halt(exitCode);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
