package io.keelson.controllers.disruption;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ReplicationController;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v1.Scale;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.objects.ScaleSubresources;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Setup;
import java.net.HttpURLConnection;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How many pods there are to be: the sum of the scales of the controllers that the pods have. The built-in workloads
 * are looked up in caches, any other kind is asked for its scale.
 */
final class ExpectedPods {
    private final Cache<ReplicationController> replicationControllers;
    private final Cache<ReplicaSet> replicaSets;
    private final Cache<Deployment> deployments;
    private final Cache<StatefulSet> statefulSets;
    private final ScaleSubresources scales;

    /**
     * The sum.
     *
     * @param anyUnmanaged whether a pod has no controller, and so counts for nothing
     */
    record Sum(int expected, boolean anyUnmanaged) {}

    /** The scale of one controller, by its uid. */
    private record Controlled(String uid, int scale) {
        private static Controlled of(HasMetadata controller, @Nullable Integer replicas) {
            // The API makes it 1 where nothing is said.
            return new Controlled(controller.getMetadata().getUid(), replicas == null ? 1 : replicas);
        }
    }

    ExpectedPods(Context context, Setup setup) {
        replicationControllers = setup.read(ReplicationController.class);
        replicaSets = setup.read(ReplicaSet.class);
        deployments = setup.read(Deployment.class);
        statefulSets = setup.read(StatefulSet.class);
        scales = new ScaleSubresources(context.client(), context.time());
    }

    /**
     * Adds up.
     *
     * @throws CountException if a controller is not found or has no scale
     * @throws KubernetesClientException if the API cannot be asked
     */
    Sum of(Collection<Pod> pods) throws CountException {
        Map<String, Integer> scaleByUid = new HashMap<>();
        Set<String> seen = new HashSet<>();
        boolean anyUnmanaged = false;
        for (Pod pod : pods) {
            OwnerReference controller = Owners.controllerOf(pod);
            if (controller == null) {
                anyUnmanaged = true;
            } else if (seen.add(controller.getUid())) {
                Controlled found = find(controller, pod.getMetadata().getNamespace());
                if (found == null) {
                    throw new CountException("found no controllers for pod \""
                            + pod.getMetadata().getName() + '"');
                }
                // Two ReplicaSets of one Deployment are found as the same, and count once.
                scaleByUid.put(found.uid(), found.scale());
            }
        }
        long sum = scaleByUid.values().stream().mapToLong(Integer::longValue).sum();
        return new Sum(Math.clamp(sum, 0, Integer.MAX_VALUE), anyUnmanaged);
    }

    private @Nullable Controlled find(OwnerReference reference, String namespace) throws CountException {
        String version = reference.getApiVersion();
        int slash = version.indexOf('/');
        String group = slash < 0 ? "" : version.substring(0, slash);
        return switch (group + '/' + reference.getKind()) {
            case "/ReplicationController" -> {
                ReplicationController found =
                        same(reference, replicationControllers.get(namespace, reference.getName()));
                yield found == null
                        ? null
                        : Controlled.of(found, found.getSpec().getReplicas());
            }
            case "apps/ReplicaSet" -> {
                ReplicaSet found = same(reference, replicaSets.get(namespace, reference.getName()));
                yield found == null ? null : replicaSet(found, namespace);
            }
            case "apps/StatefulSet" -> {
                StatefulSet found = same(reference, statefulSets.get(namespace, reference.getName()));
                yield found == null
                        ? null
                        : Controlled.of(found, found.getSpec().getReplicas());
            }
            default -> scale(reference, namespace);
        };
    }

    /** A ReplicaSet that a Deployment controls counts as the Deployment: between two rollouts both have pods. */
    private @Nullable Controlled replicaSet(ReplicaSet set, String namespace) {
        OwnerReference reference = Owners.controllerOf(set);
        if (reference == null
                || !reference.getKind().equals("Deployment")
                || !reference.getApiVersion().startsWith("apps/")) {
            return Controlled.of(set, set.getSpec().getReplicas());
        }
        Deployment deployment = same(reference, deployments.get(namespace, reference.getName()));
        return deployment == null
                ? null
                : Controlled.of(deployment, deployment.getSpec().getReplicas());
    }

    private static <T extends HasMetadata> @Nullable T same(OwnerReference reference, @Nullable T found) {
        return found != null && found.getMetadata().getUid().equals(reference.getUid()) ? found : null;
    }

    private @Nullable Controlled scale(OwnerReference reference, String namespace) throws CountException {
        ScaleSubresources.Kind kind = scales.find(reference.getApiVersion(), reference.getKind());
        if (kind == null) {
            throw new CountException("no matches for kind \"" + reference.getKind() + "\" in version \""
                    + reference.getApiVersion() + '"');
        }
        if (!kind.scalable()) {
            throw new CountException(kind.resource() + " does not implement the scale subresource");
        }
        try {
            Scale scale = scales.get(kind, namespace, reference.getName());
            if (!reference.getUid().equals(scale.getMetadata().getUid())) {
                return null;
            }
            Integer replicas = scale.getSpec() == null ? null : scale.getSpec().getReplicas();
            return new Controlled(reference.getUid(), replicas == null ? 0 : replicas);
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return null;
            }
            throw e;
        }
    }
}
