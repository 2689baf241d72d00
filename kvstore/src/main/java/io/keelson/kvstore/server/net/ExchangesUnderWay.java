package io.keelson.kvstore.server.net;

import io.keelson.kvstore.gateway.HttpHandler;
import java.util.concurrent.TimeUnit;

/** Counts HTTP requests that have no complete answer yet, so that a server that stops can let them have it. */
final class ExchangesUnderWay {
    private long count;

    /** The same handler, whose exchanges are counted. */
    HttpHandler counting(HttpHandler handler) {
        return exchange -> {
            begun();
            exchange.onClosed(this::ended);
            handler.handle(exchange);
        };
    }

    private synchronized void begun() {
        count++;
    }

    private synchronized void ended() {
        count--;
        if (count == 0) {
            notifyAll();
        }
    }

    /** Waits until there are none, or until a point of {@link System#nanoTime}. */
    synchronized void awaitNone(long deadlineNanos) throws InterruptedException {
        long leftNanos = deadlineNanos - System.nanoTime();
        while (count > 0 && leftNanos > 0) {
            TimeUnit.NANOSECONDS.timedWait(this, leftNanos);
            leftNanos = deadlineNanos - System.nanoTime();
        }
    }
}
