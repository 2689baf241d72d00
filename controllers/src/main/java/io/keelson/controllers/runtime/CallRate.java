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
    private long nextNanos;

    /**
     * A rate.
     *
     * @param perSecond greater than zero
     * @param burst how many may be sent at once after a pause
     */
    public CallRate(double perSecond, int burst) {
        if (!(perSecond > 0) || burst < 1) {
            throw new IllegalArgumentException("no rate of calls: " + perSecond + " with a burst of " + burst);
        }
        betweenNanos = (long) (TimeUnit.SECONDS.toNanos(1) / perSecond);
        burstNanos = betweenNanos * (burst - 1);
        nextNanos = System.nanoTime() - burstNanos;
    }

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        long turn;
        synchronized (this) {
            long earliest = System.nanoTime() - burstNanos;
            turn = nextNanos - earliest < 0 ? earliest : nextNanos;
            nextNanos = turn + betweenNanos;
        }
        for (long wait = turn - System.nanoTime(); wait > 0; wait = turn - System.nanoTime()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("interrupted while a call waited for its turn");
            }
            LockSupport.parkNanos(wait);
        }
    }
}
