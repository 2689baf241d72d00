package io.keelson.controllers.job;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Claims;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.Selectors;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Patch;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which pods are a Job's, and their finalizer. A pod that is adopted gets owner and finalizer in one write, so that
 * there is never one that is a Job's and could vanish uncounted.
 */
final class JobPods {
    private static final String UNCONTROLLED = "uncontrolled";
    private static final int UNPROCESSABLE = 422;

    private final KubernetesClient client;
    private final Cache<Pod> pods;

    JobPods(KubernetesClient client, Cache<Pod> pods) {
        this.client = client;
        this.pods = pods;
        pods.index(
                UNCONTROLLED,
                pod -> Owners.controllerOf(pod) == null
                        ? List.of(pod.getMetadata().getNamespace())
                        : List.of());
    }

    /**
     * The pods of a Job, after adopting and releasing.
     *
     * @throws IllegalArgumentException if its selector is none
     */
    List<Pod> of(Job job) {
        Predicate<Map<String, String>> selected = Selectors.of(job.getSpec().getSelector());
        List<Pod> candidates = new ArrayList<>(pods.ownedBy(job.getMetadata().getUid()));
        if (job.getMetadata().getDeletionTimestamp() == null) {
            candidates.addAll(adopted(job, selected));
        }
        return new Claims<Pod>(client, job, selected, ignored -> false).of(candidates);
    }

    private List<Pod> adopted(Job job, Predicate<Map<String, String>> selected) {
        List<Pod> adopted = new ArrayList<>();
        Boolean alive = null;
        for (Pod orphan : pods.indexed(UNCONTROLLED, job.getMetadata().getNamespace())) {
            if (Pods.isTerminating(orphan)
                    || !selected.test(OrEmpty.of(orphan.getMetadata().getLabels()))) {
                continue;
            }
            if (alive == null) {
                // Past the cache: one that was deleted, and perhaps made again, must not take what is the next one's.
                alive = isAlive(job, client.resource(job).get());
            }
            Pod pod = alive ? patch(orphan, adoption(job, orphan)) : null;
            if (pod != null) {
                adopted.add(pod);
            }
        }
        return adopted;
    }

    private static boolean isAlive(Job job, @Nullable HasMetadata fresh) {
        return fresh != null
                && fresh.getMetadata().getUid().equals(job.getMetadata().getUid())
                && fresh.getMetadata().getDeletionTimestamp() == null;
    }

    private static Map<String, Object> adoption(Job job, Pod orphan) {
        return Map.of(
                "uid", orphan.getMetadata().getUid(),
                "ownerReferences", List.of(Owners.controllerReference(job)),
                "finalizers", List.of(JobPod.TRACKING));
    }

    /** Takes the finalizer away from a pod, so that it may go; one that is gone is as good. */
    void untrack(Pod pod) {
        patch(
                pod,
                Map.of(
                        "uid", pod.getMetadata().getUid(),
                        "$deleteFromPrimitiveList/finalizers", List.of(JobPod.TRACKING)));
    }

    /** Patches the metadata of a pod of this very uid; null if it is not there any more. */
    private @Nullable Pod patch(Pod pod, Map<String, Object> metadata) {
        try {
            return Patch.of(client, pod).strategic(Map.of("metadata", metadata));
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND || isOther(pod, e)) {
                return null;
            }
            throw e;
        }
    }

    /** Whether a patch was refused since another pod has that name by now. */
    private boolean isOther(Pod pod, KubernetesClientException refusal) {
        if (refusal.getCode() != HttpURLConnection.HTTP_CONFLICT && refusal.getCode() != UNPROCESSABLE) {
            return false;
        }
        // The role of this controller may list pods, and not get one.
        return client
                .pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withField("metadata.name", pod.getMetadata().getName())
                .list()
                .getItems()
                .stream()
                .noneMatch(there ->
                        there.getMetadata().getUid().equals(pod.getMetadata().getUid()));
    }
}
