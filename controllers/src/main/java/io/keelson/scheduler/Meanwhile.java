package io.keelson.scheduler;

import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.QueuedPod;
import io.keelson.scheduler.queue.SchedulingQueue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What happened while the decision on a pod waited for somebody else, so that it is not missed if the pod is rejected then.
 * Owned by the thread that owns the state.
 */
final class Meanwhile {
    /** Of whom more has happened than this is tried again in any case. */
    private static final int EVENTS_MAX = 256;
    /** In the place of an event: that a pod was taken out of the queue. */
    private static final String TAKEN = "PodPopped";

    private final SchedulingQueue queue;
    private final Map<String, List<ClusterEvent>> events = new HashMap<>();
    private final Map<String, Integer> kept = new ConcurrentHashMap<>();

    Meanwhile(SchedulingQueue queue) {
        this.queue = queue;
    }

    /** From now on what happens is kept for a pod. */
    void begin(String uid) {
        if (events.putIfAbsent(uid, new ArrayList<>()) == null) {
            count(TAKEN, 1);
        }
    }

    /** Something happened. */
    void happened(ClusterEvent event) {
        for (List<ClusterEvent> each : events.values()) {
            if (each.size() <= EVENTS_MAX) {
                each.add(event);
                count(event.label(), 1);
            }
        }
    }

    private void count(String what, int by) {
        kept.merge(what, by, Integer::sum);
    }

    private @Nullable List<ClusterEvent> forget(String uid) {
        List<ClusterEvent> forgotten = events.remove(uid);
        if (forgotten != null) {
            count(TAKEN, -1);
            forgotten.forEach(event -> count(event.label(), -1));
        }
        return forgotten;
    }

    /**
     * How many events of each kind are kept, and for how many pods; {@code scheduler_inflight_events}. An event that is kept
     * for several pods counts for each. It changes as this does, and any thread may look.
     */
    Map<String, Integer> kept() {
        return Collections.unmodifiableMap(kept);
    }

    /** The wait has ended well, or the pod is gone. */
    void end(String uid) {
        List<ClusterEvent> _ = forget(uid);
    }

    /** The wait has ended, and the pod is rejected: it waits for what may help it, unless that has happened already. */
    void reject(QueuedPod pod, Set<String> by, Instant now) {
        List<ClusterEvent> missed = forget(pod.pod().uid());
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
