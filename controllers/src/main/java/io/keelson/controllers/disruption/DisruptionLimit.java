package io.keelson.controllers.disruption;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetSpec;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a budget demands.
 *
 * @param bound how many pods at least, or at most, with {@code atMostUnavailable}; a percentage if {@code percent}
 */
record DisruptionLimit(boolean atMostUnavailable, int bound, boolean percent) {
    private static final Pattern PERCENTAGE = Pattern.compile("([0-9]{1,9})%");

    /**
     * The limit of a budget; null if it has none, and so demands nothing.
     *
     * @throws CountException if it is no number and no percentage
     */
    static @Nullable DisruptionLimit of(PodDisruptionBudgetSpec spec) throws CountException {
        if (spec.getMaxUnavailable() != null) {
            return of(true, spec.getMaxUnavailable());
        }
        return spec.getMinAvailable() == null ? null : of(false, spec.getMinAvailable());
    }

    private static DisruptionLimit of(boolean atMostUnavailable, IntOrString value) throws CountException {
        if (value.getIntVal() != null) {
            return new DisruptionLimit(atMostUnavailable, value.getIntVal(), false);
        }
        Matcher matcher = PERCENTAGE.matcher(value.getStrVal() == null ? "" : value.getStrVal());
        if (!matcher.matches()) {
            throw new CountException(
                    "invalid value for IntOrString: invalid type: string is not a percentage: " + value.getStrVal());
        }
        return new DisruptionLimit(atMostUnavailable, Integer.parseInt(matcher.group(1)), true);
    }

    /** Whether pods are expected by the scale of their controllers; else those that are there are all that are. */
    boolean needsScale() {
        return atMostUnavailable || percent;
    }

    /** How many of the expected pods must be healthy; a part of a pod is a whole one. */
    int desiredHealthy(int expected) {
        long count = percent ? Math.ceilDiv((long) bound * expected, 100L) : bound;
        long healthy = atMostUnavailable ? Math.max(0, expected - count) : count;
        return Math.clamp(healthy, 0, Integer.MAX_VALUE);
    }
}
