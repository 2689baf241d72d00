package io.keelson.agent.shutdown;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * How much time which pods have when the machine is shut down.
 *
 * @param phases one after the other, the least priority first; none if pods are not ended
 */
public record ShutdownPlan(List<Phase> phases) {
    /** Pods are not ended. */
    public static final ShutdownPlan NONE = new ShutdownPlan(List.of());

    private static final int CRITICAL = 2_000_000_000;

    /**
     * One of them.
     *
     * @param priority of the pods that end in it, and of those above it and below the next phase's; those below the first
     *     one's end with it
     * @param graceSeconds how long they have
     */
    public record Phase(int priority, long graceSeconds) {}

    /** Pods that end at the same time. */
    record Group(long graceSeconds, List<Pod> pods) {
        Group {
            pods = List.copyOf(pods);
        }
    }

    /** Brings them into order. */
    public ShutdownPlan {
        phases =
                phases.stream().sorted(Comparator.comparingInt(Phase::priority)).toList();
    }

    /**
     * Critical pods after all others.
     *
     * @param all how long the shutdown is held up ({@code shutdownGracePeriod}); zero for not at all
     * @param critical how much of that is for critical pods ({@code shutdownGracePeriodCriticalPods})
     */
    public static ShutdownPlan of(Duration all, Duration critical) {
        return all.isZero()
                ? NONE
                : new ShutdownPlan(List.of(
                        new Phase(0, all.minus(critical).toSeconds()), new Phase(CRITICAL, critical.toSeconds())));
    }

    /** How long all of it takes at most. */
    Duration total() {
        return Duration.ofSeconds(phases.stream().mapToLong(Phase::graceSeconds).sum());
    }

    /** Which pods end when; without groups of none. */
    List<Group> groups(Collection<Pod> pods) {
        List<Group> groups = new ArrayList<>();
        for (int i = 0; i < phases.size(); i++) {
            long from = i == 0 ? Long.MIN_VALUE : phases.get(i).priority();
            long below = i + 1 < phases.size() ? phases.get(i + 1).priority() : Long.MAX_VALUE;
            List<Pod> group = pods.stream()
                    .filter(pod -> from <= priority(pod) && priority(pod) < below)
                    .toList();
            if (!group.isEmpty()) {
                groups.add(new Group(phases.get(i).graceSeconds(), group));
            }
        }
        return groups;
    }

    private static long priority(Pod pod) {
        Integer priority = pod.getSpec().getPriority();
        return priority == null ? 0 : priority;
    }
}
