package io.keelson.scheduler;

import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.SchedulerMetrics.Result;
import io.keelson.scheduler.groups.GroupPlan;
import io.keelson.scheduler.queue.QueuedPod;
import io.keelson.scheduler.state.PodInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides on all pods of a group that wait, when the turn of one of them comes: by a {@link GroupPlan}, of which all is done or
 * nothing. Owned by the thread that owns the state.
 */
final class GroupAttempts {
    private static final Logger LOG = LoggerFactory.getLogger(GroupAttempts.class);
    private static final Comparator<QueuedPod> ORDER =
            Comparator.comparingInt((QueuedPod each) -> -each.pod().priority()).thenComparing(QueuedPod::added);

    private final SchedulingParts parts;
    private final GroupResults groupResults;

    GroupAttempts(SchedulingParts parts, GroupResults groupResults) {
        this.parts = parts;
        this.groupResults = groupResults;
    }

    /**
     * Decides on a pod that was taken out of the queue, and on the others of its group that wait.
     *
     * @param read reads a pod again, by what there is now that it depends on
     * @return false if nothing was done, as extenders have to be asked, whose answers come one by one
     */
    boolean decide(QueuedPod next, Key group, Instant now, long start, Function<QueuedPod, PodInfo> read) {
        List<QueuedPod> pods = new ArrayList<>();
        pods.add(next);
        for (String uid : parts.groups().pending(group)) {
            QueuedPod other = parts.queue().waiting(uid);
            if (other != null) {
                pods.add(other);
            }
        }
        Extending extending = parts.extending();
        if (pods.stream().anyMatch(each -> extending.decideOn(each.pod()) || extending.preemptFor(each.pod()))) {
            return false;
        }
        pods.forEach(each -> parts.queue().takeAlong(each, now));
        pods.sort(ORDER);
        String others = differentScheduler(pods);
        if (others != null) {
            pods.forEach(each -> parts.results().failed(each, others, start));
            groupResults.tried(group, parts.profiles().of(next.pod()).name(), Result.ERROR, others, start);
            return true;
        }
        try {
            new GroupAttempt(parts, groupResults, group, parts.profiles().of(next.pod()), pods, start).run(read);
        } catch (RuntimeException e) {
            LOG.error("deciding on pod group {}", group, e);
            pods.stream()
                    .filter(parts.queue()::isInFlight)
                    .filter(each -> !parts.assumptions().contains(each.pod().uid()))
                    .forEach(each -> parts.results().failed(each, e.toString(), start));
        }
        return true;
    }

    private static @Nullable String differentScheduler(List<QueuedPod> pods) {
        String first = pods.getFirst().pod().schedulerName();
        for (QueuedPod each : pods) {
            if (!each.pod().schedulerName().equals(first)) {
                return "all pods in a single pod group should have the same .spec.schedulerName set, got: \"" + first
                        + "\" and \"" + each.pod().schedulerName() + '"';
            }
        }
        return null;
    }
}
