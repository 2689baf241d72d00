package io.keelson.controllers.volumebinder;

import java.time.Duration;

/**
 * How claims are bound.
 *
 * @param syncPeriod {@code --pvclaimbinder-sync-period}: how often claims that are not bound are looked at again
 * @param dynamicProvisioning {@code --enable-dynamic-provisioning}: whether provisioners are asked for volumes
 */
public record BinderSettings(Duration syncPeriod, boolean dynamicProvisioning) {
    /** As without flags. */
    public static final BinderSettings DEFAULT = new BinderSettings(Duration.ofSeconds(15), true);

    public BinderSettings {
        if (syncPeriod.isNegative() || syncPeriod.isZero()) {
            throw new IllegalArgumentException("the sync period must be positive, not " + syncPeriod);
        }
    }
}
