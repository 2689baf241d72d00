package io.keelson.controllers.podgc;

/**
 * What can be set.
 *
 * @param terminatedPodThreshold {@code --terminated-pod-gc-threshold}: how many pods that have ended are kept; 0 or
 *     less for all
 */
public record PodGarbageCollectorSettings(int terminatedPodThreshold) {
    /** As without flags. */
    public static final PodGarbageCollectorSettings DEFAULT = new PodGarbageCollectorSettings(12_500);
}
