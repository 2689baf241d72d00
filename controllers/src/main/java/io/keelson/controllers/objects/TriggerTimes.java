package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Service;
import io.keelson.controllers.runtime.Key;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * When that happened which makes a Service's endpoints change: the annotation
 * {@code endpoints.kubernetes.io/last-change-trigger-time}, by which it is measured how long a change takes to reach the
 * nodes. It is the earliest of the times that are new since the last look: a pod's readiness changed, or the Service was
 * made. A Service that is seen for the first time has the time of its creation.
 *
 * <p>Safe for any thread, if no two ask for the same Service at once. Holds an entry for each Service, with one for each of
 * its pods.
 */
public final class TriggerTimes {
    /** The annotation. */
    public static final String ANNOTATION = "endpoints.kubernetes.io/last-change-trigger-time";

    private final Map<Key, Seen> seen = new ConcurrentHashMap<>();

    private record Seen(Instant service, Map<String, Instant> pods) {}

    /** The time of what changed since the last look; null if nothing that has a time did. */
    public @Nullable Instant next(Service service, Collection<Pod> pods) {
        Instant created = Pods.time(service.getMetadata().getCreationTimestamp());
        Map<String, Instant> changes = new HashMap<>();
        for (Pod pod : pods) {
            PodCondition ready = Pods.condition(pod, "Ready");
            Instant changed = ready == null ? null : Pods.time(ready.getLastTransitionTime());
            if (changed != null) {
                changes.put(pod.getMetadata().getName(), changed);
            }
        }
        Seen before = seen.put(Key.of(service), new Seen(created == null ? Instant.MIN : created, changes));
        if (before == null) {
            return created;
        }
        Instant earliest = created != null && created.isAfter(before.service()) ? created : null;
        for (Map.Entry<String, Instant> change : changes.entrySet()) {
            Instant changed = change.getValue();
            if (changed.isAfter(before.pods().getOrDefault(change.getKey(), Instant.MIN))
                    && (earliest == null || changed.isBefore(earliest))) {
                earliest = changed;
            }
        }
        return earliest;
    }

    /** A Service is gone. */
    public void forget(Key service) {
        seen.remove(service);
    }

    /** Puts the time into an object's annotations, or takes an old one out. */
    public static void annotate(Map<String, String> annotations, @Nullable Instant time) {
        if (time == null) {
            annotations.remove(ANNOTATION);
        } else {
            annotations.put(ANNOTATION, time.toString());
        }
    }
}
