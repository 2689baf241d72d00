package io.keelson.apiserver.fairness;

import java.time.Duration;

/**
 * How many requests are served at a time, and for how long.
 *
 * @param fair whether they are shared out between flows, all of them together; otherwise reads and writes are just counted
 * @param readsMax without fairness, 0 for no limit
 * @param writesMax likewise
 * @param requestTimeout how long a request may take that does not last by its nature; clients may ask for less
 */
public record FlowSettings(boolean fair, int readsMax, int writesMax, Duration requestTimeout) {
    private static final long SEATS_MAX = 10_000_000;

    public static final FlowSettings DEFAULT = new FlowSettings(true, 400, 200, Duration.ofMinutes(1));

    /** @throws IllegalArgumentException naming the flag that cannot be used */
    public FlowSettings {
        if (readsMax < 0) {
            throw new IllegalArgumentException("--max-requests-inflight can not be negative value");
        }
        if (writesMax < 0) {
            throw new IllegalArgumentException("--max-mutating-requests-inflight can not be negative value");
        }
        if (requestTimeout.isNegative()) {
            throw new IllegalArgumentException("--request-timeout can not be negative value");
        }
        if (requestTimeout.isZero()) {
            throw new IllegalArgumentException("--request-timeout: no request can be served in no time");
        }
        if (fair && readsMax + (long) writesMax <= 0) {
            throw new IllegalArgumentException(
                    "--max-requests-inflight + --max-mutating-requests-inflight: at least one"
                            + " has to be positive with --enable-priority-and-fairness");
        }
        if (fair && readsMax + (long) writesMax > SEATS_MAX) {
            throw new IllegalArgumentException(
                    "--max-requests-inflight + --max-mutating-requests-inflight: together they"
                            + " must not be more than " + SEATS_MAX);
        }
    }

    /** How many seats there are with fairness. */
    public int seats() {
        return readsMax + writesMax;
    }
}
