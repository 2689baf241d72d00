package io.keelson.scheduler.preemption;

import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A node that could take the pod if others were not there. What it is compared by is worked out once. */
public final class Candidate {
    /**
     * The order of loss, the smallest first: fewer violated budgets, a less important victim at most, less priority in
     * sum, fewer victims, and the most important ones having run for less long.
     */
    public static final Comparator<Candidate> BY_LOSS = Comparator.comparingInt(Candidate::violations)
            .thenComparingInt(candidate -> candidate.highestPriority)
            .thenComparingLong(candidate -> candidate.sumOfPriorities)
            .thenComparingInt(candidate -> candidate.victims.size())
            .thenComparing(candidate -> candidate.earliestStart, Comparator.reverseOrder());

    private static final Comparator<Ranked> BY_IMPORTANCE =
            Comparator.comparingInt((Ranked each) -> -each.priority()).thenComparing(Ranked::started);

    private final NodeState node;
    private final List<PodInfo> victims;
    private final int violations;
    private final int highestPriority;
    private final long sumOfPriorities;
    private final Instant earliestStart;

    /** A pod with what says how important it is, as to read it off the pod takes longer than to compare it. */
    private record Ranked(PodInfo pod, int priority, Instant started) {
        static Ranked of(PodInfo pod) {
            return new Ranked(pod, pod.priority(), Candidate.started(pod));
        }
    }

    /**
     * A candidate.
     *
     * @param victims who would have to go; one at least
     * @param violations how many of them a disruption budget protects
     */
    public Candidate(NodeState node, List<PodInfo> victims, int violations) {
        if (victims.isEmpty()) {
            throw new IllegalArgumentException("nobody has to go from node " + node.name());
        }
        this.node = node;
        this.victims = List.copyOf(victims);
        this.violations = violations;
        int highest = Integer.MIN_VALUE;
        long sum = 0;
        Instant earliest = Instant.MAX;
        for (PodInfo victim : victims) {
            int priority = victim.priority();
            Instant started = started(victim);
            if (priority > highest) {
                highest = priority;
                earliest = started;
            } else if (priority == highest && started.isBefore(earliest)) {
                earliest = started;
            }
            // Each shifted to be positive, so that fewer pods are less even if their priorities are negative.
            sum += priority - (long) Integer.MIN_VALUE;
        }
        highestPriority = highest;
        sumOfPriorities = sum;
        earliestStart = earliest;
    }

    /** Which node. */
    public NodeState node() {
        return node;
    }

    /** Who would have to go. */
    public List<PodInfo> victims() {
        return victims;
    }

    /** How many of them a disruption budget protects. */
    public int violations() {
        return violations;
    }

    /** In the order in which pods are spared: the more important first, of equals the one that runs longer. */
    static List<PodInfo> byImportance(List<PodInfo> pods) {
        if (pods.size() == 1) {
            return pods;
        }
        List<Ranked> ranked = new ArrayList<>(pods.size());
        for (PodInfo each : pods) {
            ranked.add(Ranked.of(each));
        }
        ranked.sort(BY_IMPORTANCE);
        List<PodInfo> ordered = new ArrayList<>(pods.size());
        for (Ranked each : ranked) {
            ordered.add(each.pod());
        }
        return ordered;
    }

    /** Since when it runs; one that does not yet is taken to start last. */
    private static Instant started(PodInfo pod) {
        @Nullable
        Instant start = pod.pod().getStatus() == null
                ? null
                : Pods.time(OrEmpty.of(pod.pod().getStatus().getStartTime()));
        return start == null ? Instant.MAX : start;
    }
}
