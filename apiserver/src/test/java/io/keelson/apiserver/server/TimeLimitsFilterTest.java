package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.request.TestRequests;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Times of requests before handlers of the test's own. */
@Timeout(60)
final class TimeLimitsFilterTest {
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    private static final Handler WAITING = _ -> {
        Thread.sleep(Duration.ofMinutes(10));
        return ApiResponse.of(200, "text/plain", new byte[0]);
    };

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
    void anErrorEndsNeitherTheTimerNorTheLimitOfTheRequest() throws Exception {
        try (TimeLimits limits = TimeLimits.start(SHORT)) {
            FutureTask<ApiException> refused = new FutureTask<>(() -> assertThrows(
                    ApiException.class, () -> limits.filter(TestRequests.get(MAPS), WAITING)));
            Stubborn thread = new Stubborn(refused);
            thread.setDaemon(true);
            thread.start();
            assertEquals(504, refused.get(30, TimeUnit.SECONDS).code());
            assertEquals(2, thread.interrupts.get());
        }
    }
}
