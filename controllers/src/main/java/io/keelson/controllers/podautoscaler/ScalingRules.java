package io.keelson.controllers.podautoscaler;

import io.fabric8.kubernetes.api.model.autoscaling.v2.HPAScalingPolicy;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HPAScalingRules;
import io.keelson.controllers.objects.OrEmpty;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How fast it may go one way.
 *
 * @param window for how long the most cautious recommendation counts
 * @param select {@code Max} for the policy that allows most, {@code Min}, or {@code Disabled} for none at all
 */
record ScalingRules(Duration window, String select, List<Policy> policies) {
    /**
     * How much within a period.
     *
     * @param percent whether the amount is one of replicas in percent
     */
    record Policy(boolean percent, int amount, Duration period) {}

    /** Rules for going up; what is not said is as the API says it by default. */
    static ScalingRules up(@Nullable HPAScalingRules rules) {
        return of(
                rules,
                Duration.ZERO,
                List.of(new Policy(false, 4, Duration.ofSeconds(15)), new Policy(true, 100, Duration.ofSeconds(15))));
    }

    /** Rules for going down; what is not said is as the API says it by default. */
    static ScalingRules down(@Nullable HPAScalingRules rules, Duration window) {
        return of(rules, window, List.of(new Policy(true, 100, Duration.ofSeconds(15))));
    }

    private static ScalingRules of(@Nullable HPAScalingRules rules, Duration window, List<Policy> policies) {
        if (rules == null) {
            return new ScalingRules(window, "Max", policies);
        }
        Integer seconds = rules.getStabilizationWindowSeconds();
        List<Policy> own = OrEmpty.of(rules.getPolicies()).stream()
                .map(ScalingRules::policy)
                .toList();
        return new ScalingRules(
                seconds == null ? window : Duration.ofSeconds(seconds),
                rules.getSelectPolicy() == null ? "Max" : rules.getSelectPolicy(),
                own.isEmpty() ? policies : own);
    }

    private static Policy policy(HPAScalingPolicy policy) {
        return new Policy(
                "Percent".equals(policy.getType()),
                OrEmpty.of(policy.getValue()),
                Duration.ofSeconds(OrEmpty.of(policy.getPeriodSeconds())));
    }

    /** The longest period of a policy. */
    Duration longestPeriod() {
        return policies.stream().map(Policy::period).max(Duration::compareTo).orElse(Duration.ZERO);
    }

    /** How many replicas there may be at most. */
    long ceiling(int current, ScalingHistory history, Instant now) {
        if (select.equals("Disabled")) {
            return current;
        }
        var ceilings = policies.stream().mapToLong(policy -> {
            long before = history.replicasBefore(current, policy.period(), now);
            return policy.percent() ? Math.ceilDiv(before * (100L + policy.amount()), 100L) : before + policy.amount();
        });
        long ceiling = (select.equals("Min") ? ceilings.min() : ceilings.max()).orElse(current);
        // What was scaled before under other rules does not turn the way round.
        return Math.max(current, ceiling);
    }

    /** How many replicas there must be at least. */
    long floor(int current, ScalingHistory history, Instant now) {
        if (select.equals("Disabled")) {
            return current;
        }
        var floors = policies.stream().mapToLong(policy -> {
            long before = history.replicasBefore(current, policy.period(), now);
            return policy.percent() ? before * (100L - policy.amount()) / 100L : before - policy.amount();
        });
        long floor = (select.equals("Min") ? floors.max() : floors.min()).orElse(current);
        return Math.min(current, floor);
    }
}
