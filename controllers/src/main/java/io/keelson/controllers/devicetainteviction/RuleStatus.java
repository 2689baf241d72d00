package io.keelson.controllers.devicetainteviction;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.resource.v1alpha3.DeviceTaintRuleSpec;
import io.fabric8.kubernetes.api.model.resource.v1alpha3.DeviceTaintRuleStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.objects.DeviceTaintRule;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Time;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Writes into the status of rules how far their evictions are: at once, then not more often than each ten seconds. */
final class RuleStatus {
    /** Between two writes of a status, unless the rule was changed. */
    static final Duration PERIOD = Duration.ofSeconds(10);

    private final KubernetesClient client;
    private final Time time;
    private final ToLongFunction<DeviceTaintRule> published;
    private final Function<DeviceTaintRule, Affected> affected;

    /** By name; as many as there are rules. */
    private final Map<Key, Seen> seen = new ConcurrentHashMap<>();

    /** By uid; as many as there are rules. */
    private final Map<String, Long> evicted = new ConcurrentHashMap<>();

    /** A rule as it was looked at last. */
    private record Seen(String uid, @Nullable DeviceTaintRuleSpec spec) {}

    /**
     * What a rule means among claims.
     *
     * @param devices how many devices that are allocated
     * @param pods who has to leave
     */
    record Affected(long devices, Set<Key> pods) {}

    /**
     * Writes through a client.
     *
     * @param published how many devices in slices a rule means
     * @param affected what it means among claims
     */
    RuleStatus(
            KubernetesClient client,
            Time time,
            ToLongFunction<DeviceTaintRule> published,
            Function<DeviceTaintRule, Affected> affected) {
        this.client = client;
        this.time = time;
        this.published = published;
        this.affected = affected;
    }

    /**
     * Looks at a rule.
     *
     * @param rule null if it is gone
     * @return whether it is other than when it was looked at last
     */
    boolean look(Key key, @Nullable DeviceTaintRule rule) {
        Seen now = rule == null ? null : new Seen(rule.getMetadata().getUid(), rule.getSpec());
        Seen before = now == null ? seen.remove(key) : seen.put(key, now);
        if (before != null && (now == null || !before.uid().equals(now.uid()))) {
            evicted.remove(before.uid());
        }
        return !Objects.equals(before, now);
    }

    /** A pod was evicted because of these rules, given by their uids. */
    void evicted(Set<String> rules) {
        rules.forEach(rule -> evicted.merge(rule, 1L, Long::sum));
    }

    /** Writes how far the eviction for a rule is, if it is time to. */
    Outcome write(DeviceTaintRule rule) {
        if (rule.getSpec() == null || rule.getSpec().getTaint() == null) {
            return Outcome.done();
        }
        long generation = rule.getMetadata().getGeneration() == null
                ? 0
                : rule.getMetadata().getGeneration();
        Condition before = RuleProgress.condition(rule);
        Instant now = time.instant();
        if (before != null && Objects.equals(before.getObservedGeneration(), generation)) {
            Duration left = PERIOD.minus(Duration.between(written(before), now));
            if (left.isPositive()) {
                // A clock that was set back must not put it off for longer than that.
                return Outcome.after(left.compareTo(PERIOD) > 0 ? PERIOD : left);
            }
        }
        Condition next = progress(rule).condition(generation, before, now);
        if (!next.equals(before)) {
            client.resource(with(rule, next)).updateStatus();
        }
        return Outcome.done();
    }

    private static Instant written(Condition condition) {
        try {
            return Instant.parse(OrEmpty.of(condition.getLastTransitionTime()));
        } catch (DateTimeException e) {
            return Instant.EPOCH;
        }
    }

    private RuleProgress progress(DeviceTaintRule rule) {
        String effect = OrEmpty.of(rule.getSpec().getTaint().getEffect());
        boolean none = effect.equals("None");
        Affected now =
                none || effect.equals(EvictingTaint.NO_EXECUTE) ? affected.apply(rule) : new Affected(0, Set.of());
        return new RuleProgress(
                effect,
                none ? published.applyAsLong(rule) : 0,
                now.devices(),
                now.pods().size(),
                now.pods().stream().map(Key::namespace).distinct().count(),
                evicted.getOrDefault(rule.getMetadata().getUid(), 0L));
    }

    private static DeviceTaintRule with(DeviceTaintRule rule, Condition condition) {
        List<Condition> conditions = new ArrayList<>();
        if (rule.getStatus() != null) {
            OrEmpty.of(rule.getStatus().getConditions()).stream()
                    .filter(each -> !RuleProgress.CONDITION.equals(each.getType()))
                    .forEach(conditions::add);
        }
        conditions.add(condition);
        DeviceTaintRule changed = new DeviceTaintRule();
        changed.setMetadata(rule.getMetadata());
        changed.setSpec(rule.getSpec());
        DeviceTaintRuleStatus status = new DeviceTaintRuleStatus();
        status.setConditions(conditions);
        changed.setStatus(status);
        return changed;
    }
}
