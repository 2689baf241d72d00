package io.keelson.controllers.daemonset;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetUpdateStrategy;
import io.fabric8.kubernetes.api.model.apps.RollingUpdateDaemonSet;
import io.keelson.controllers.objects.Scaled;
import org.jspecify.annotations.Nullable;

/**
 * How far an update may go at a time.
 *
 * @param surge on how many nodes there may be a second pod; 0 if old pods go before new ones come
 * @param unavailable on how many nodes no pod may be available
 */
record Limits(int surge, int unavailable) {
    /** The limits of a set that is to be on so many nodes. A set that would allow neither is allowed one unavailable. */
    static Limits of(DaemonSet set, int desired) {
        RollingUpdateDaemonSet rolling = rolling(set);
        int surge = rolling == null ? 0 : scaled(rolling.getMaxSurge(), desired, 0);
        int unavailable = rolling == null ? 0 : scaled(rolling.getMaxUnavailable(), desired, 1);
        return new Limits(surge, surge == 0 ? Math.max(1, unavailable) : unavailable);
    }

    /** Whether a set ever has two pods on a node. */
    static boolean allowSurge(DaemonSet set) {
        return of(set, 1).surge() > 0;
    }

    /** Whether a set replaces its pods by itself. */
    static boolean isRolling(DaemonSet set) {
        DaemonSetUpdateStrategy strategy = set.getSpec().getUpdateStrategy();
        return strategy == null || !"OnDelete".equals(strategy.getType());
    }

    private static @Nullable RollingUpdateDaemonSet rolling(DaemonSet set) {
        DaemonSetUpdateStrategy strategy = set.getSpec().getUpdateStrategy();
        return strategy == null || !isRolling(set) ? null : strategy.getRollingUpdate();
    }

    private static int scaled(@Nullable IntOrString value, int desired, int otherwise) {
        try {
            return Scaled.of(value, desired, true);
        } catch (IllegalArgumentException e) {
            // No server takes such a value.
            return otherwise;
        }
    }
}
