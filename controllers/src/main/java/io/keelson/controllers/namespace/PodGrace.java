package io.keelson.controllers.namespace;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.objects.Pods;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;

/** How long pods may take to end. */
final class PodGrace {
    private PodGrace() {}

    /**
     * The longest grace that one of the pods has, in seconds. None once it has passed since the deletion began: then a
     * pod that is still there is one too many.
     */
    static long seconds(Collection<Pod> pods, Instant deletionBegan, Instant now) {
        long longest = 0;
        for (Pod pod : pods) {
            Long grace = pod.getSpec() == null ? null : pod.getSpec().getTerminationGracePeriodSeconds();
            if (grace != null && !Pods.isTerminal(pod)) {
                longest = Math.max(longest, grace);
            }
        }
        return Duration.between(deletionBegan, now).toSeconds() >= longest ? 0 : longest;
    }
}
