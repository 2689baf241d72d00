package io.keelson.scheduler;

import io.keelson.scheduler.SchedulerMetrics.Point;
import io.keelson.scheduler.SchedulerMetrics.Status;
import io.keelson.scheduler.decision.Decision;
import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.decision.PostFilter;
import io.keelson.scheduler.state.PodInfo;
import java.util.ArrayList;
import java.util.List;

/** Has plugins do what they can for pods that no node can take. Owned by the thread that owns the state. */
final class PostFilters {
    private final Profiles profiles;
    private final Binder binder;
    private final Results results;

    PostFilters(Profiles profiles, Binder binder, Results results) {
        this.results = results;
        this.profiles = profiles;
        this.binder = binder;
    }

    /**
     * Asks those of the pod's profile; what they want to write is written beside the decisions.
     *
     * @return what they say
     */
    String help(PodInfo pod, Decision.Impossible why) {
        List<String> said = new ArrayList<>();
        boolean closely = results.looksClosely();
        for (Filter filter : profiles.of(pod).plugins().filters()) {
            if (filter instanceof PostFilter helper) {
                long begin = System.nanoTime();
                PostFilter.Help help = helper.help(pod, why);
                if (closely) {
                    Status status = help.step() == null ? Status.UNSCHEDULABLE : Status.SUCCESS;
                    results.executed(Point.POST_FILTER, status, filter.name(), begin);
                }
                said.add(help.message());
                if (help.step() != null) {
                    binder.write(pod, help.step());
                }
            }
        }
        return String.join(", ", said);
    }

    /**
     * What a pod that no node can take is told after the reasons of the nodes.
     *
     * @param helped what others say than preemption, the last of the profile to be asked
     * @param room what preemption says, after a blank; empty if it makes room, or is not asked
     */
    static String text(RunningProfile profile, Decision.Impossible why, String helped, String room) {
        if (!room.isEmpty()) {
            return helped.isEmpty() ? room : ' ' + helped + ',' + room;
        }
        // Who makes room has helped, and says nothing.
        boolean asked = profile.preemption() == null && !why.rejections().isEmpty();
        return asked && !helped.isEmpty() ? ' ' + helped : "";
    }
}
