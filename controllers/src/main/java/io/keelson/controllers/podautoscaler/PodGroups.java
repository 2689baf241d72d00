package io.keelson.controllers.podautoscaler;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.keelson.controllers.objects.Pods;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The pods of a target by what their measurements are worth.
 *
 * @param values thousandths that count, by the names of pods
 * @param ready how many pods are ready and measured
 * @param unready pods that are not ready yet, or whose use of CPU is still that of their start
 * @param missing pods of which nothing was measured
 */
record PodGroups(Map<String, Long> values, int ready, Set<String> unready, Set<String> missing) {
    /**
     * Groups pods. Those that have failed or are being deleted are in no group, and their measurements do not count.
     *
     * @param cpu whether it is CPU that was measured, of which a start takes more than the work that follows
     */
    static PodGroups of(
            Collection<Pod> pods,
            Map<String, PodMetric> metrics,
            boolean cpu,
            HorizontalPodAutoscalerSettings settings,
            Instant now) {
        Map<String, Long> values = new HashMap<>();
        metrics.forEach((pod, metric) -> values.put(pod, metric.milli()));
        Set<String> unready = new HashSet<>();
        Set<String> missing = new HashSet<>();
        int ready = 0;
        for (Pod pod : pods) {
            String name = pod.getMetadata().getName();
            PodMetric metric = metrics.get(name);
            if (Pods.isTerminating(pod) || Pods.phase(pod).equals("Failed")) {
                values.remove(name);
            } else if (Pods.phase(pod).equals("Pending")) {
                unready.add(name);
            } else if (metric == null) {
                missing.add(name);
            } else if (cpu && isStarting(pod, metric, settings, now)) {
                unready.add(name);
            } else {
                ready++;
            }
        }
        values.keySet().removeAll(unready);
        return new PodGroups(values, ready, unready, missing);
    }

    private static boolean isStarting(
            Pod pod, PodMetric metric, HorizontalPodAutoscalerSettings settings, Instant now) {
        PodCondition condition = Pods.condition(pod, "Ready");
        Instant started =
                pod.getStatus() == null ? null : Pods.time(pod.getStatus().getStartTime());
        if (condition == null || started == null) {
            return true;
        }
        Instant parsed = Pods.time(condition.getLastTransitionTime());
        Instant changed = parsed == null ? Instant.EPOCH : parsed;
        boolean unready = "False".equals(condition.getStatus());
        if (started.plus(settings.cpuInitializationPeriod()).isAfter(now)) {
            // A measurement that began before it became ready has some of the start in it.
            return unready || metric.timestamp().isBefore(changed.plus(metric.window()));
        }
        return unready && started.plus(settings.initialReadinessDelay()).isAfter(changed);
    }
}
