package io.keelson.controllers.podautoscaler;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What was recommended for an autoscaler's target lately, and how it was scaled. It is in memory only: who comes to
 * lead starts with what the target has.
 *
 * <p>It holds what is not older than the longest time that somebody asks for, and is used by one thread at a time.
 */
final class ScalingHistory {
    private final List<Recommendation> recommendations = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();

    private record Recommendation(int replicas, Instant at) {}

    /** A change; positive is up. */
    private record Step(int change, Instant at) {}

    /** Starts with the replicas that are there as the first recommendation. */
    ScalingHistory(int replicas, Instant now) {
        recommendations.add(new Recommendation(replicas, now));
    }

    /** The highest of a recommendation and those not older than a time. */
    int highest(int replicas, Instant since) {
        int highest = replicas;
        for (Recommendation recommendation : recommendations) {
            if (!recommendation.at().isBefore(since)) {
                highest = Math.max(highest, recommendation.replicas());
            }
        }
        return highest;
    }

    /** The lowest of a recommendation and those not older than a time. */
    int lowest(int replicas, Instant since) {
        int lowest = replicas;
        for (Recommendation recommendation : recommendations) {
            if (!recommendation.at().isBefore(since)) {
                lowest = Math.min(lowest, recommendation.replicas());
            }
        }
        return lowest;
    }

    /** Remembers a recommendation, and forgets those older than a window. */
    void recommend(int replicas, Instant now, Duration window) {
        recommendations.removeIf(old -> old.at().isBefore(now.minus(window)));
        recommendations.add(new Recommendation(replicas, now));
    }

    /** Remembers that it was scaled, and forgets what is older than the longest period of any policy. */
    void scaled(int from, int to, Instant now, Duration longest) {
        steps.removeIf(old -> old.at().isBefore(now.minus(longest)));
        steps.add(new Step(to - from, now));
    }

    /** How many replicas there were a period ago, by what was scaled since. */
    long replicasBefore(int current, Duration period, Instant now) {
        Instant start = now.minus(period);
        long replicas = current;
        for (Step step : steps) {
            if (step.at().isAfter(start)) {
                replicas -= step.change();
            }
        }
        return replicas;
    }
}
