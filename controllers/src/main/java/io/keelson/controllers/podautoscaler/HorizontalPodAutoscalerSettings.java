package io.keelson.controllers.podautoscaler;

import java.time.Duration;

/**
 * How autoscalers are worked on.
 *
 * @param concurrentSyncs {@code --concurrent-horizontal-pod-autoscaler-syncs}
 * @param syncPeriod {@code --horizontal-pod-autoscaler-sync-period}: how often each is looked at
 * @param downscaleStabilization {@code --horizontal-pod-autoscaler-downscale-stabilization}: for how long the highest
 *     recommendation counts where an autoscaler does not say
 * @param tolerance {@code --horizontal-pod-autoscaler-tolerance}: how far the usage may be from its target without
 *     scaling, as a part of the target, where an autoscaler does not say
 * @param cpuInitializationPeriod {@code --horizontal-pod-autoscaler-cpu-initialization-period}: how long after a pod's
 *     start its use of CPU counts only while it is ready
 * @param initialReadinessDelay {@code --horizontal-pod-autoscaler-initial-readiness-delay}: a pod that became unready
 *     within it has never been ready
 */
public record HorizontalPodAutoscalerSettings(
        int concurrentSyncs,
        Duration syncPeriod,
        Duration downscaleStabilization,
        double tolerance,
        Duration cpuInitializationPeriod,
        Duration initialReadinessDelay) {
    /** As without flags. */
    public static final HorizontalPodAutoscalerSettings DEFAULT = new HorizontalPodAutoscalerSettings(
            5, Duration.ofSeconds(15), Duration.ofMinutes(5), 0.1, Duration.ofMinutes(5), Duration.ofSeconds(30));
}
