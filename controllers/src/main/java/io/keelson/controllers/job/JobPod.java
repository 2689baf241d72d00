package io.keelson.controllers.job;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a pod says as one of a Job's. */
final class JobPod {
    /** Keeps a pod until it was counted. */
    static final String TRACKING = "batch.kubernetes.io/job-tracking";
    /** The number of the completion that a pod works on. */
    static final String INDEX = "batch.kubernetes.io/job-completion-index";
    /** How many pods of its index failed before it. */
    static final String INDEX_FAILURES = "batch.kubernetes.io/job-index-failure-count";
    /** How many pods of its index failed before it in a way that does not count. */
    static final String INDEX_FAILURES_IGNORED = "batch.kubernetes.io/job-index-ignored-failure-count";

    static final int NO_INDEX = -1;

    private JobPod() {}

    static String uid(Pod pod) {
        return OrEmpty.of(pod.getMetadata().getUid());
    }

    static boolean isTracked(Pod pod) {
        return OrEmpty.of(pod.getMetadata().getFinalizers()).contains(TRACKING);
    }

    /** The index, or {@link #NO_INDEX}. */
    static int index(Pod pod) {
        return number(pod, INDEX, NO_INDEX);
    }

    /** How many pods of its index failed before it and counted. */
    static int failuresBefore(Pod pod) {
        return number(pod, INDEX_FAILURES, 0);
    }

    /** How many pods of its index failed before it and did not count. */
    static int ignoredFailuresBefore(Pod pod) {
        return number(pod, INDEX_FAILURES_IGNORED, 0);
    }

    private static int number(Pod pod, String annotation, int otherwise) {
        String text = OrEmpty.of(pod.getMetadata().getAnnotations()).get(annotation);
        if (text == null) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(text);
            return number < 0 ? otherwise : number;
        } catch (NumberFormatException e) {
            // Somebody else wrote it: as good as not there.
            return otherwise;
        }
    }

    static boolean succeeded(Pod pod) {
        return Pods.phase(pod).equals("Succeeded");
    }

    /**
     * Whether it has failed. One that is being deleted has, as it may never get to say so; unless pods are replaced
     * only when they have ended, then somebody sees to it that they do.
     */
    static boolean failed(Pod pod, JobTerms terms) {
        if (Pods.phase(pod).equals("Failed")) {
            return true;
        }
        return !terms.replacesFailedOnly() && Pods.isTerminating(pod) && !succeeded(pod);
    }

    /** Whether it is being deleted and has not ended yet. */
    static boolean isOnItsWayOut(Pod pod) {
        return Pods.isTerminating(pod) && !Pods.isTerminal(pod);
    }

    /** When it ended, by its containers or else as near as can be told. */
    static Instant finishedAt(Pod pod) {
        Instant byContainers = containersFinishedAt(pod);
        if (byContainers != null) {
            return byContainers;
        }
        PodCondition ready = Pods.condition(pod, "Ready");
        Instant notReady =
                ready == null || !"False".equals(ready.getStatus()) ? null : Pods.time(ready.getLastTransitionTime());
        if (notReady != null) {
            return notReady;
        }
        Instant deletion = Pods.time(pod.getMetadata().getDeletionTimestamp());
        if (deletion != null) {
            Long grace = pod.getMetadata().getDeletionGracePeriodSeconds();
            return grace == null ? deletion : deletion.minusSeconds(grace);
        }
        Instant created = Pods.time(pod.getMetadata().getCreationTimestamp());
        return created == null ? Instant.EPOCH : created;
    }

    private static @Nullable Instant containersFinishedAt(Pod pod) {
        Instant last = null;
        List<ContainerStatus> containers =
                pod.getStatus() == null ? List.of() : OrEmpty.of(pod.getStatus().getContainerStatuses());
        for (ContainerStatus container : containers) {
            ContainerStateTerminated ended =
                    container.getState() == null ? null : container.getState().getTerminated();
            Instant at = ended == null ? null : Pods.time(ended.getFinishedAt());
            if (at == null) {
                return null;
            }
            last = last == null || at.isAfter(last) ? at : last;
        }
        return last;
    }

    /** How often its containers were restarted. */
    static int restarts(Pod pod) {
        if (pod.getStatus() == null) {
            return 0;
        }
        long restarts = 0;
        for (ContainerStatus container : OrEmpty.of(pod.getStatus().getInitContainerStatuses())) {
            restarts += OrEmpty.of(container.getRestartCount());
        }
        for (ContainerStatus container : OrEmpty.of(pod.getStatus().getContainerStatuses())) {
            restarts += OrEmpty.of(container.getRestartCount());
        }
        return (int) Math.min(restarts, Integer.MAX_VALUE);
    }
}
