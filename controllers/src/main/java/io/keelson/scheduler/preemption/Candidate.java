package io.keelson.scheduler.preemption;

import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node that could take the pod if others were not there.
 *
 * @param victims who would have to go; one at least
 * @param violations how many of them a disruption budget protects
 */
public record Candidate(NodeState node, List<PodInfo> victims, int violations) {
    /** The order in which pods are spared: the more important first, of equals the one that runs longer. */
    static final Comparator<PodInfo> BY_IMPORTANCE =
            Comparator.comparingInt((PodInfo pod) -> -pod.priority()).thenComparing(Candidate::started);

    /**
     * The order of loss, the smallest first: fewer violated budgets, a less important victim at most, less priority in
     * sum, fewer victims, and the most important ones having run for less long.
     */
    public static final Comparator<Candidate> BY_LOSS = Comparator.comparingInt(Candidate::violations)
            .thenComparingInt(Candidate::highestPriority)
            .thenComparingLong(Candidate::sumOfPriorities)
            .thenComparingInt(candidate -> candidate.victims().size())
            .thenComparing(Candidate::earliestStart, Comparator.reverseOrder());

    public Candidate {
        victims = List.copyOf(victims);
        if (victims.isEmpty()) {
            throw new IllegalArgumentException("nobody has to go from node " + node.name());
        }
    }

    private int highestPriority() {
        int highest = Integer.MIN_VALUE;
        for (PodInfo victim : victims) {
            highest = Math.max(highest, victim.priority());
        }
        return highest;
    }

    /** Each shifted to be positive, so that fewer pods are less even if their priorities are negative. */
    private long sumOfPriorities() {
        long sum = 0;
        for (PodInfo victim : victims) {
            sum += victim.priority() - (long) Integer.MIN_VALUE;
        }
        return sum;
    }

    private Instant earliestStart() {
        int highest = highestPriority();
        Instant earliest = Instant.MAX;
        for (PodInfo victim : victims) {
            if (victim.priority() == highest && started(victim).isBefore(earliest)) {
                earliest = started(victim);
            }
        }
        return earliest;
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
