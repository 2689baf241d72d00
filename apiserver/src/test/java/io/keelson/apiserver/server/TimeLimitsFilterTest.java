package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.request.Termination;
import io.keelson.apiserver.request.TestRequests;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Times of requests before handlers of the test's own. */
@Timeout(60)
final class TimeLimitsFilterTest {
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    private static final ApiResponse FINE = ApiResponse.of(200, "text/plain", new byte[0]);
    private static final Handler WAITING = _ -> {
        Thread.sleep(Duration.ofMinutes(10));
        return FINE;
    };

    private static void waitForTheInterrupt() {
        try {
            Thread.sleep(Duration.ofMinutes(10));
        } catch (InterruptedException e) {
            // This is what was waited for.
        }
    }

    /** Cannot be interrupted at first, as if there were no memory for it. */
    private static final class Stubborn extends Thread {
        private final AtomicInteger interrupts = new AtomicInteger();

        Stubborn(Runnable task) {
            super(task);
        }

        @Override
        public void interrupt() {
            if (interrupts.incrementAndGet() == 1) {
                throw new OutOfMemoryError("made up");
            }
            super.interrupt();
        }
    }

    @Test
    void whoTakesTooLongIsInterruptedAndAnswered() {
        ApiRequest request = TestRequests.get(MAPS);
        AtomicBoolean interrupted = new AtomicBoolean();
        try (TimeLimits limits = TimeLimits.start(SHORT)) {
            ApiException refused = assertThrows(
                    ApiException.class,
                    () -> limits.filter(request, asked -> {
                        try {
                            return WAITING.handle(asked);
                        } catch (InterruptedException e) {
                            interrupted.set(true);
                            throw e;
                        }
                    }));
            assertEquals(504, refused.code());
            assertEquals("Timeout", refused.reasonText());
            assertEquals("Timeout: request did not complete within the allotted timeout", refused.message());
        }
        assertTrue(interrupted.get());
        assertFalse(Thread.currentThread().isInterrupted());
        assertEquals(Termination.APISERVER, request.termination());
        assertEquals(SHORT, request.timeLimit(Duration.ZERO));
    }

    @Test
    void whatSomebodyElseAnsweredBecauseOfTheInterruptIsLetGoOf() {
        AtomicBoolean letGo = new AtomicBoolean();
        try (TimeLimits limits = TimeLimits.start(SHORT)) {
            ApiException refused = assertThrows(
                    ApiException.class,
                    () -> limits.filter(TestRequests.get(MAPS), _ -> {
                        waitForTheInterrupt();
                        return new ApiResponse.Streamed(502, Map.of(), _ -> letGo.set(true));
                    }));
            assertEquals(504, refused.code());
        }
        assertTrue(letGo.get());
        assertFalse(Thread.currentThread().isInterrupted());
    }

    @Test
    void whatIsDoneAtTheLastMomentIsAnsweredAsItIs() throws Exception {
        ApiRequest request = TestRequests.get(MAPS);
        try (TimeLimits limits = TimeLimits.start(SHORT)) {
            ApiResponse answer = limits.filter(request, _ -> {
                waitForTheInterrupt();
                Thread.currentThread().interrupt();
                return FINE;
            });
            assertEquals(200, answer.status());
        }
        assertFalse(Thread.currentThread().isInterrupted(), "the answer is yet to be sent");
        assertNull(request.termination());
    }

    @Test
    void whatLastsIsNotInterrupted() throws Exception {
        ApiRequest watch = TestRequests.get(MAPS + "?watch=true");
        try (TimeLimits limits = TimeLimits.start(SHORT)) {
            ApiResponse answer = limits.filter(watch, _ -> {
                // Each takes as long as this one could, had it a limit; an interrupt of this one would end the second.
                for (int i = 0; i < 2; i++) {
                    assertThrows(ApiException.class, () -> limits.filter(TestRequests.get(MAPS), WAITING));
                }
                assertFalse(Thread.currentThread().isInterrupted());
                return FINE;
            });
            assertEquals(200, answer.status());
        }
        assertEquals(Duration.ZERO, watch.timeLimit(Duration.ZERO));
    }

    @Test
    void anErrorEndsNeitherTheTimerNorTheLimitOfTheRequest() throws Exception {
        try (TimeLimits limits = TimeLimits.start(SHORT)) {
            FutureTask<ApiException> refused = new FutureTask<>(
                    () -> assertThrows(ApiException.class, () -> limits.filter(TestRequests.get(MAPS), WAITING)));
            Stubborn thread = new Stubborn(refused);
            thread.setDaemon(true);
            thread.start();
            assertEquals(504, refused.get(30, TimeUnit.SECONDS).code());
            assertEquals(2, thread.interrupts.get());
        }
    }
}
