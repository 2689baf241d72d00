package io.keelson.scheduler;

import io.keelson.scheduler.decision.PreEnqueue;
import io.keelson.scheduler.queue.Gates;
import io.keelson.scheduler.state.PodInfo;
import org.jspecify.annotations.Nullable;

/** Holds pods as long as they have gates of their own. */
final class SchedulingGates implements PreEnqueue {
    @Override
    public String name() {
        return "SchedulingGates";
    }

    @Override
    public @Nullable String hold(PodInfo pod) {
        return Gates.OWN.heldBy(pod) == null ? null : "Scheduling is blocked due to non-empty scheduling gates";
    }
}
