package io.keelson.kvstore.cli;

import io.grpc.StatusRuntimeException;
import java.util.concurrent.CountDownLatch;

/** Ends a wait, and later a hold, when the user asks for it or the session is lost. */
final class Held {
    private final Termination termination;
    private final LeaseSession session;
    private final Thread waiter = Thread.currentThread();
    private final CountDownLatch over = new CountDownLatch(1);
    private boolean waiting = true;

    /** Made on the thread that waits. */
    Held(Termination termination, LeaseSession session) {
        this.termination = termination;
        this.session = session;
        termination.handle(this::end);
        session.whenExpired(this::end);
    }

    private synchronized void end() {
        over.countDown();
        if (waiting) {
            waiter.interrupt();
        }
    }

    /**
     * Has the place wait until it is in front. A wait that fails gives the place up; one that the user or the loss of
     * the session put an end to ends the command as canceled.
     *
     * @return revision that {@link QueueKey#enter} returns
     */
    long enter(QueueKey place, String value) throws InterruptedException {
        long revision;
        try {
            revision = place.enter(value);
        } catch (InterruptedException | StatusRuntimeException e) {
            boolean canceled = endWait();
            place.leave();
            if (canceled) {
                throw CommandFailure.of(ExitCode.ERROR, "context canceled");
            }
            throw e;
        }
        endWait();
        return revision;
    }

    /** From now on the thread is not interrupted any more; true when it already was to end. */
    synchronized boolean endWait() {
        waiting = false;
        boolean ended = over.getCount() == 0;
        if (ended) {
            // It was meant for the wait that is over, not for the cleaning up that follows.
            Thread.interrupted();
        }
        return ended;
    }

    /** Waits for the end of the hold: true when it was asked for, false when the session is lost. */
    boolean awaitEnd() throws InterruptedException {
        over.await();
        return termination.wished() || !session.hasExpired();
    }
}
