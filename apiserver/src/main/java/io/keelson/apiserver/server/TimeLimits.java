package io.keelson.apiserver.server;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Filter;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.request.Termination;
import io.keelson.apiserver.schema.Durations;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends requests that take longer than they may: a thread that still waits for something when the time of its request is over is
 * interrupted, and the client is answered 504. Whether a write was done then is not known. The time is that of {@code
 * --request-timeout}, or less if the client says so in {@code ?timeout=}. Requests that last by their nature have no limit, nor
 * has the sending of an answer that has begun.
 */
final class TimeLimits implements Filter, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TimeLimits.class);

    /** How late a request may be ended. */
    private static final long LOOK_MS = 50;

    private static final int FAILURE = 500;

    private final Duration longest;
    private final Set<Running> running = ConcurrentHashMap.newKeySet();
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
            1, Thread.ofVirtual().name("request timeouts").factory());

    private TimeLimits(Duration longest) {
        this.longest = longest;
    }

    /** @param longest how long a request may take at most */
    static TimeLimits start(Duration longest) {
        TimeLimits limits = new TimeLimits(longest);
        var _ = limits.timer.scheduleWithFixedDelay(limits::look, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
        return limits;
    }

    /** A request that is being served. It is interrupted once at most, and never after it has ended. */
    private static final class Running {
        private final Thread thread = Thread.currentThread();
        private final long beginNanos = System.nanoTime();
        private final long limitNanos;
        private boolean over;
        private boolean expired;

        Running(Duration limit) {
            this.limitNanos = limit.toNanos();
        }

        synchronized void look(long nowNanos) {
            if (!over && nowNanos - beginNanos >= limitNanos) {
                expired = true;
                // If this fails, it is not over: the next look tries again.
                thread.interrupt();
                over = true;
            }
        }

        /** @return whether its time was over before it was */
        synchronized boolean end() {
            over = true;
            if (expired) {
                // What follows, the answer, is not what was to be interrupted.
                var _ = Thread.interrupted();
            }
            return expired;
        }
    }

    private void look() {
        try {
            long now = System.nanoTime();
            running.forEach(one -> one.look(now));
        } catch (RuntimeException | Error e) {
            // It would not be called again if it failed, and no request would be ended any more.
            log.error("Requests are not ended in time", e);
        }
    }

    @Override
    public ApiResponse filter(ApiRequest request, Handler next) throws InterruptedException {
        if (request.info().lasts()) {
            return next.handle(request);
        }
        Duration limit = limit(request);
        request.limitTo(limit);
        Running one = new Running(limit);
        running.add(one);
        try {
            ApiResponse response = next.handle(request);
            // Whoever passes a request on to others answers what it heard when it was interrupted.
            if (one.end() && response.status() >= FAILURE) {
                response.abandon();
                throw timeout(request);
            }
            return response;
        } catch (InterruptedException | RuntimeException e) {
            if (one.end()) {
                throw timeout(request);
            }
            throw e;
        } finally {
            var _ = one.end();
            running.remove(one);
        }
    }

    private static ApiException timeout(ApiRequest request) {
        request.terminatedBy(Termination.APISERVER);
        return ApiException.of(Reason.TIMEOUT, "Timeout: request did not complete within the allotted timeout");
    }

    private Duration limit(ApiRequest request) {
        String asked = request.query().text("timeout");
        if (asked.isEmpty()) {
            return longest;
        }
        Duration wanted;
        try {
            wanted = Durations.parse(asked);
        } catch (MalformedException e) {
            throw ApiException.badRequest("invalid timeout specified in the request URL - " + e.message());
        }
        return wanted.isPositive() && wanted.compareTo(longest) < 0 ? wanted : longest;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
