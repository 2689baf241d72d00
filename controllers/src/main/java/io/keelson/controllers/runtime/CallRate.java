package io.keelson.controllers.runtime;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Sends no more calls a second than it is told; who is too early waits. The flags {@code --kube-api-qps} and {@code -burst}. */
public final class CallRate implements Interceptor {
    private final long betweenNanos;
    private final long burstNanos;
    private final Watcher watcher;
    private long nextNanos;

    /** Is told of each call. */
    @FunctionalInterface
    public interface Watcher {
        /** A call was held back for so long; 0 if it was not. */
        void waited(HttpRequest request, long nanos);
    }

    /**
     * A rate.
     *
     * @param perSecond greater than zero
     * @param burst how many may be sent at once after a pause
     * @param watcher is told on the thread that calls
     */
    public CallRate(double perSecond, int burst, Watcher watcher) {
        if (!(perSecond > 0) || burst < 1) {
            throw new IllegalArgumentException("no rate of calls: " + perSecond + " with a burst of " + burst);
        }
        betweenNanos = (long) (TimeUnit.SECONDS.toNanos(1) / perSecond);
        this.watcher = watcher;
        burstNanos = betweenNanos * (burst - 1);
        nextNanos = System.nanoTime() - burstNanos;
    }

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        long begin = System.nanoTime();
        long turn;
        synchronized (this) {
            long earliest = begin - burstNanos;
            turn = nextNanos - earliest < 0 ? earliest : nextNanos;
            nextNanos = turn + betweenNanos;
        }
        for (long wait = turn - System.nanoTime(); wait > 0; wait = turn - System.nanoTime()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("interrupted while a call waited for its turn");
            }
            LockSupport.parkNanos(wait);
        }
        watcher.waited(request, System.nanoTime() - begin);
    }
}
