package io.keelson.apiserver.request;

import org.jspecify.annotations.Nullable;

/**
 * Tells when a watch has sent what there was when it began. Who serves the watch says that it will tell, and then tells; who
 * waits for it, a filter on the way of the request, is told on the thread of the one who tells. Any thread.
 */
public final class InitialEvents {
    private boolean expected;
    private boolean sent;
    private @Nullable Runnable then;

    /** Says that {@link #sent} will be called while the answer is written. */
    public synchronized void expect() {
        expected = true;
    }

    /** They are on their way to the client. Calls after the first one do nothing. */
    public void sent() {
        Runnable told;
        synchronized (this) {
            sent = true;
            told = then;
            then = null;
        }
        if (told != null) {
            told.run();
        }
    }

    /** Whether they are still to be sent; never for a request that is no watch of this server's own. */
    public synchronized boolean areExpected() {
        return expected && !sent;
    }

    /** Has something done once they are sent, at once if they are. One caller. */
    public void whenSent(Runnable what) {
        synchronized (this) {
            if (!sent) {
                then = what;
                return;
            }
        }
        what.run();
    }
}
