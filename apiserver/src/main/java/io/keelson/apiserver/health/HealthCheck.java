package io.keelson.apiserver.health;

import java.time.Instant;
import java.time.InstantSource;
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

    /** The same, that takes all to be well until a moment. */
    public HealthCheck from(Instant begin, InstantSource clock) {
        return new HealthCheck(name, () -> clock.instant().isBefore(begin) ? null : check.problem());
    }

    /** Answers, so is alive. */
    public static final HealthCheck PING = new HealthCheck("ping", () -> null);
}
