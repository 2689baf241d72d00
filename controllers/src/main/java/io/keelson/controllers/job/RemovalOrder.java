package io.keelson.controllers.job;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.time.Instant;
import java.util.Comparator;

/** Which pods go first if there are too many: those that have got least far. */
final class RemovalOrder {
    /** The first to go first: on no node, not running, not ready, ready for less long, restarted more, younger. */
    static final Comparator<Pod> LEAST_FAR_FIRST = Comparator.<Pod, Boolean>comparing(
                    pod -> !Pods.node(pod).isEmpty())
            .thenComparingInt(RemovalOrder::phase)
            .thenComparing(Pods::isReady)
            .thenComparing(RemovalOrder::readySince, Comparator.reverseOrder())
            .thenComparing(RemovalOrder::mostRestarts, Comparator.reverseOrder())
            .thenComparing(RemovalOrder::created, Comparator.reverseOrder())
            .thenComparing(pod -> pod.getMetadata().getName());

    private RemovalOrder() {}

    private static int phase(Pod pod) {
        return switch (Pods.phase(pod)) {
            case "Running" -> 2;
            case "Unknown" -> 1;
            default -> 0;
        };
    }

    private static Instant readySince(Pod pod) {
        PodCondition ready = Pods.condition(pod, "Ready");
        Instant since = ready == null || !Pods.isReady(pod) ? null : Pods.time(ready.getLastTransitionTime());
        return since == null ? Instant.MAX : since;
    }

    private static int mostRestarts(Pod pod) {
        int most = 0;
        if (pod.getStatus() != null) {
            for (ContainerStatus container : OrEmpty.of(pod.getStatus().getContainerStatuses())) {
                most = Math.max(most, OrEmpty.of(container.getRestartCount()));
            }
        }
        return most;
    }

    private static Instant created(Pod pod) {
        Instant created = Pods.time(pod.getMetadata().getCreationTimestamp());
        return created == null ? Instant.MAX : created;
    }
}
