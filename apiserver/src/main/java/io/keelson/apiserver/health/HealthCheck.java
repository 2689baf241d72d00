package io.keelson.apiserver.health;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Something that must be well.
 *
 * @param name as it stands in paths: {@code etcd}, {@code poststarthook/rbac/bootstrap-roles}
 * @param check what is wrong, for the server's own log; null if all is well
 */
public record HealthCheck(String name, Check check) {
    /** Looks. */
    @FunctionalInterface
    public interface Check {
        @Nullable
        String problem() throws InterruptedException;
    }

    /** Answers, so is alive. */
    public static final HealthCheck PING = new HealthCheck("ping", () -> null);

    /** The same, that takes all to be well until a moment. */
    public HealthCheck from(Instant begin, InstantSource clock) {
        return new HealthCheck(name, () -> clock.instant().isBefore(begin) ? null : check.problem());
    }

    /**
     * The same with a bound: what cannot be looked at in time is not well, and whoever asks is to know it before losing
     * patience. Looking is given up by an interrupt.
     */
    public HealthCheck within(Duration max) {
        return new HealthCheck(name, () -> {
            FutureTask<@Nullable String> look = new FutureTask<>(check::problem);
            Thread looking = Thread.ofVirtual().name("check " + name).start(look);
            try {
                return look.get(max.toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                return "no answer within " + max.toMillis() + " ms";
            } catch (ExecutionException e) {
                return String.valueOf(e.getCause());
            } finally {
                looking.interrupt();
            }
        });
    }
}
