package io.keelson.controllers.leader;

import java.time.Duration;

/**
 * How an election goes; the flags {@code --leader-elect-…}.
 *
 * @param namespace where the Lease is
 * @param name how the Lease is called
 * @param leaseDuration how long a Lease that is not renewed keeps others from taking it
 * @param renewDeadline how long a leader goes on without a renewal; shorter than the duration
 * @param retryPeriod how long to wait between tries; shorter than the deadline
 */
public record ElectionTerms(
        String namespace, String name, Duration leaseDuration, Duration renewDeadline, Duration retryPeriod) {
    public ElectionTerms {
        if (retryPeriod.isNegative() || retryPeriod.isZero()) {
            throw new IllegalArgumentException("--leader-elect-retry-period must be greater than zero");
        }
        if (leaseDuration.compareTo(renewDeadline) <= 0) {
            throw new IllegalArgumentException(
                    "--leader-elect-lease-duration must be greater than --leader-elect-renew-deadline");
        }
        // Whoever waits between tries waits up to a fifth longer.
        if (renewDeadline.multipliedBy(5).compareTo(retryPeriod.multipliedBy(6)) <= 0) {
            throw new IllegalArgumentException(
                    "--leader-elect-renew-deadline must be greater than --leader-elect-retry-period times 1.2");
        }
    }

    /** The terms of a component in {@code kube-system}: 15 s, 10 s and 2 s. */
    public static ElectionTerms of(String component) {
        return new ElectionTerms(
                "kube-system", component, Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2));
    }
}
