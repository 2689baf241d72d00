package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodResourceClaim;
import io.fabric8.kubernetes.api.model.PodResourceClaimStatus;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.keelson.controllers.runtime.Key;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which ResourceClaims are a pod's. */
public final class PodClaims {
    private PodClaims() {}

    /** What a pod asks for. */
    public static List<PodResourceClaim> of(Pod pod) {
        return pod.getSpec() == null ? List.of() : OrEmpty.of(pod.getSpec().getResourceClaims());
    }

    /** What the pod's status says: the claim for each name, empty for one that turned out not to be needed. */
    public static Map<String, String> named(Pod pod) {
        Map<String, String> named = new LinkedHashMap<>();
        if (pod.getStatus() != null) {
            for (PodResourceClaimStatus status : OrEmpty.of(pod.getStatus().getResourceClaimStatuses())) {
                named.put(status.getName(), OrEmpty.of(status.getResourceClaimName()));
            }
        }
        return named;
    }

    /** The name of the claim that a pod's entry stands for; null if there is none, or none yet. */
    public static @Nullable String name(Pod pod, PodResourceClaim entry) {
        if (entry.getResourceClaimName() != null) {
            return entry.getResourceClaimName();
        }
        String name = OrEmpty.of(named(pod).get(entry.getName()));
        return name.isEmpty() ? null : name;
    }

    /** The keys of all claims that a pod is known to use, each as {@code namespace/name}, fit for an index. */
    public static Set<String> keys(Pod pod) {
        Set<String> keys = new LinkedHashSet<>();
        for (PodResourceClaim entry : of(pod)) {
            String name = name(pod, entry);
            if (name != null) {
                keys.add(Key.of(pod.getMetadata().getNamespace(), name).toString());
            }
        }
        if (pod.getStatus() != null && pod.getStatus().getExtendedResourceClaimStatus() != null) {
            String extended =
                    OrEmpty.of(pod.getStatus().getExtendedResourceClaimStatus().getResourceClaimName());
            if (!extended.isEmpty()) {
                keys.add(Key.of(pod.getMetadata().getNamespace(), extended).toString());
            }
        }
        return keys;
    }

    /** Whether a pod needs its claims no more: it has ended, or is being deleted and never came to a node. */
    public static boolean isDone(Pod pod) {
        return Pods.isTerminal(pod)
                || (Pods.isTerminating(pod) && Pods.node(pod).isEmpty());
    }

    /**
     * Why a claim is not the one made for a pod.
     *
     * @return null if it is
     */
    public static @Nullable String conflict(Pod pod, ResourceClaim claim) {
        if (Objects.equals(pod.getMetadata().getNamespace(), claim.getMetadata().getNamespace())
                && Owners.isControlledBy(claim, pod)) {
            return null;
        }
        return "ResourceClaim %s was not created for Pod %s (Pod is not owner)".formatted(Key.of(claim), Key.of(pod));
    }
}
