package io.keelson.apiserver.egress;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;

/** Closes something when its time is up, whatever it is at, unless this was closed before. */
final class TimeLimit implements AutoCloseable {
    private final Closeable limited;
    private final Thread timer;
    private boolean over;
    private boolean up;

    /** @param limited closed from another thread; must not wait for anything then */
    TimeLimit(Duration limit, Closeable limited) {
        this.limited = limited;
        this.timer = Thread.ofVirtual().name("egress time limit").start(() -> {
            try {
                Thread.sleep(limit);
            } catch (InterruptedException e) {
                return; // It came in time.
            }
            end();
        });
    }

    private synchronized void end() {
        if (over) {
            return;
        }
        up = true;
        try {
            limited.close();
        } catch (IOException e) {
            // It is of no use to anybody any more.
        }
    }

    /** Whether it was closed for that. */
    synchronized boolean isUp() {
        return up;
    }

    @Override
    public void close() {
        synchronized (this) {
            over = true;
        }
        timer.interrupt();
    }
}
