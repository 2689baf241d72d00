package io.keelson.controllers.podautoscaler;

import java.util.HashMap;
import java.util.Map;

/**
 * How many replicas a usage asks for: as many times those that are ready as usage is of its target.
 *
 * <p>Pods that were not measured dampen it: where it goes down they count as if they used all they may, where it goes
 * up as if they used nothing, and so do those that are not ready yet. If it would then go the other way, or not far
 * enough, it stays.
 */
final class UsageCalculation {
    private UsageCalculation() {}

    /**
     * What comes out.
     *
     * @param reading of the pods that count, without the damping
     */
    record Proposal(int replicas, Gauge.Reading reading) {}

    static Proposal replicas(int current, PodGroups pods, Gauge gauge, Tolerance tolerance) throws MetricException {
        if (pods.values().isEmpty()) {
            throw new MetricException("did not receive metrics for targeted pods (pods might be unready)");
        }
        Gauge.Reading reading = gauge.read(pods.values());
        double ratio = reading.ratio();
        boolean unreadyCount = !pods.unready().isEmpty() && ratio > 1.0;
        if (!unreadyCount && pods.missing().isEmpty()) {
            int replicas = tolerance.holds(ratio) ? current : times(ratio, pods.ready());
            return new Proposal(replicas, reading);
        }
        Map<String, Long> damped = new HashMap<>(pods.values());
        for (String pod : pods.missing()) {
            if (ratio < 1.0) {
                damped.put(pod, gauge.highest(pod));
            } else if (ratio > 1.0) {
                damped.put(pod, 0L);
            }
        }
        if (unreadyCount) {
            pods.unready().forEach(pod -> damped.put(pod, 0L));
        }
        double dampedRatio = gauge.read(damped).ratio();
        int replicas = times(dampedRatio, damped.size());
        boolean stays = tolerance.holds(dampedRatio)
                || (ratio < 1.0 && dampedRatio > 1.0)
                || (ratio > 1.0 && dampedRatio < 1.0)
                || (dampedRatio < 1.0 && replicas > current)
                || (dampedRatio > 1.0 && replicas < current);
        return new Proposal(stays ? current : replicas, reading);
    }

    /**
     * Replicas for a value that is not one of pods, as the length of a queue, and that each replica lessens.
     *
     * @param ready how many replicas are ready
     */
    static int byRatio(int current, double ratio, int ready, Tolerance tolerance) {
        if (current == 0) {
            return times(ratio, 1);
        }
        return tolerance.holds(ratio) ? current : times(ratio, ready);
    }

    /** Replicas so that each has no more than its share of a value. */
    static int byShare(int replicas, long milli, long shareMilli, Tolerance tolerance) {
        double wanted = (double) milli / shareMilli;
        return replicas > 0 && tolerance.holds(wanted / replicas) ? replicas : times(wanted, 1);
    }

    /** A count times a ratio, rounded up; no more than an int holds. */
    private static int times(double ratio, int count) {
        return (int) Math.ceil(ratio * count);
    }
}
