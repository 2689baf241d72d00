package io.keelson.scheduler;

import io.keelson.scheduler.groups.PodGroups;
import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.SchedulingQueue;
import io.keelson.scheduler.state.ClusterState;
import java.util.function.Consumer;

/**
 * What one decision after the other is made with, be it on a pod or on a group of pods. All of it belongs to the thread that
 * owns the state.
 *
 * @param happened is told of what a decision changes for others
 */
record SchedulingParts(
        Profiles profiles,
        PodGroups groups,
        ClusterState state,
        SchedulingQueue queue,
        Nominations nominations,
        Preemptor preemptor,
        PostFilters postFilters,
        Assumptions assumptions,
        Extending extending,
        Results results,
        SchedulerMetrics metrics,
        Consumer<ClusterEvent> happened) {}
