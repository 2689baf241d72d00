package io.keelson.apiserver.health;

import java.io.Flushable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Whether what is logged gets through: a log that nobody takes (a full pipe, a disk that hangs) holds up whoever writes to it,
 * and sooner or later everybody does. One attempt at a time, however often it is asked for.
 */
public final class LogCheck implements HealthCheck.Check {
    private final Flushable log;
    private final Duration max;
    private @Nullable FutureTask<@Nullable String> attempt;

    /** @param max how long it may take */
    public LogCheck(Flushable log, Duration max) {
        this.log = log;
        this.max = max;
    }

    @Override
    public @Nullable String problem() throws InterruptedException {
        FutureTask<@Nullable String> current = attempt();
        try {
            return current.get(max.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return "logging blocked";
        } catch (ExecutionException e) {
            return String.valueOf(e.getCause());
        }
    }

    private synchronized FutureTask<@Nullable String> attempt() {
        FutureTask<@Nullable String> current = attempt;
        if (current == null || current.isDone()) {
            current = new FutureTask<>(this::flushed);
            attempt = current;
            Thread.ofVirtual().name("check log").start(current);
        }
        return current;
    }

    private @Nullable String flushed() throws IOException {
        log.flush();
        return null;
    }
}
