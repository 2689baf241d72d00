package io.keelson.scheduler;

import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.QueuedPod;
import io.keelson.scheduler.queue.SchedulingQueue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What happened while the decision on a pod waited for somebody else, so that it is not missed if the pod is rejected then.
 * Owned by the thread that owns the state.
 */
final class Meanwhile {
    /** Of whom more has happened than this is tried again in any case. */
    private static final int EVENTS_MAX = 256;

    private final SchedulingQueue queue;
    private final Map<String, List<ClusterEvent>> events = new HashMap<>();

    Meanwhile(SchedulingQueue queue) {
        this.queue = queue;
    }

    /** From now on what happens is kept for a pod. */
    void begin(String uid) {
        events.putIfAbsent(uid, new ArrayList<>());
    }

    /** Something happened. */
    void happened(ClusterEvent event) {
        for (List<ClusterEvent> each : events.values()) {
            if (each.size() <= EVENTS_MAX) {
                each.add(event);
            }
        }
    }

    /** The wait has ended well, or the pod is gone. */
    void end(String uid) {
        events.remove(uid);
    }

    /** The wait has ended, and the pod is rejected: it waits for what may help it, unless that has happened already. */
    void reject(QueuedPod pod, Set<String> by, Instant now) {
        List<ClusterEvent> missed = events.remove(pod.pod().uid());
        if (missed != null && missed.size() > EVENTS_MAX) {
            queue.fail(pod, now);
            return;
        }
        queue.reject(pod, by, now);
        if (missed != null) {
            missed.forEach(event -> queue.happened(pod, event, now));
        }
    }
}
