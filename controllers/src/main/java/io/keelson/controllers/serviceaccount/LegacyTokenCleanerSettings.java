package io.keelson.controllers.serviceaccount;

import java.time.Duration;

/**
 * What can be set.
 *
 * @param cleanUpPeriod {@code --legacy-service-account-token-clean-up-period}: how long a token may go unused
 */
public record LegacyTokenCleanerSettings(Duration cleanUpPeriod) {
    /** A year. */
    public static final LegacyTokenCleanerSettings DEFAULT = new LegacyTokenCleanerSettings(Duration.ofDays(365));

    public LegacyTokenCleanerSettings {
        if (cleanUpPeriod.isNegative() || cleanUpPeriod.isZero()) {
            throw new IllegalArgumentException("invalid CleanUpPeriod: " + cleanUpPeriod);
        }
    }
}
