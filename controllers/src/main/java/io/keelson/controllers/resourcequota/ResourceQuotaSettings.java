package io.keelson.controllers.resourcequota;

import java.time.Duration;

/**
 * What can be set.
 *
 * @param concurrentSyncs {@code --concurrent-resource-quota-syncs}: how many quotas are counted at a time
 * @param syncPeriod {@code --resource-quota-sync-period}: how often everything is counted anew
 */
public record ResourceQuotaSettings(int concurrentSyncs, Duration syncPeriod) {
    /** As without flags. */
    public static final ResourceQuotaSettings DEFAULT = new ResourceQuotaSettings(5, Duration.ofMinutes(5));
}
