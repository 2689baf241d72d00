package io.keelson.scheduler;

import io.keelson.scheduler.decision.Reservation;
import io.keelson.scheduler.queue.QueuedPod;
import io.keelson.scheduler.state.PodInfo;
import java.util.List;

/**
 * A pod that was decided on.
 *
 * @param reservations what was taken for it, in the order in which it is written
 * @param startNanos when the decision began, on the monotonic clock
 */
record Assumed(QueuedPod queued, PodInfo pod, String node, List<Reservation> reservations, long startNanos) {
    /** Gives back what was taken. */
    void release() {
        reservations.reversed().forEach(Reservation::release);
    }
}
