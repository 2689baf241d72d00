package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodResourceClaim;
import io.fabric8.kubernetes.api.model.PodResourceClaimStatus;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimConsumerReference;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.state.PodInfo;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which claims are a pod's. */
final class PodClaims {
    private static final int RESERVED_MAX = 256;

    private PodClaims() {}

    /** Whether a pod asks for any. */
    static boolean has(PodInfo pod) {
        return !OrEmpty.of(pod.pod().getSpec().getResourceClaims()).isEmpty();
    }

    /**
     * The claims of a pod, each once, as they are.
     *
     * @throws UnallocatableException if one of them is not there, or cannot be used by the pod
     */
    static List<ResourceClaim> of(PodInfo pod, ClaimLedger ledger) throws UnallocatableException {
        List<ResourceClaim> claims = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        for (PodResourceClaim entry : OrEmpty.of(pod.pod().getSpec().getResourceClaims())) {
            String name = name(pod, entry);
            if (name.isEmpty() || !names.add(name)) {
                continue;
            }
            ResourceClaim claim = ledger.get(Key.of(pod.namespace(), name));
            if (claim == null) {
                throw new UnallocatableException("resourceclaim.resource.k8s.io \"" + name + "\" not found");
            }
            if (claim.isMarkedForDeletion()) {
                throw new UnallocatableException("resourceclaim \"" + name + "\" is being deleted");
            }
            if (entry.getResourceClaimName() == null && !Owners.isControlledBy(claim, pod.pod())) {
                throw new UnallocatableException("ResourceClaim %s was not created for Pod %s (Pod is not owner)"
                        .formatted(Key.of(claim), pod.key()));
            }
            claims.add(claim);
        }
        return claims;
    }

    /** Empty for a claim that turned out not to be needed. */
    private static String name(PodInfo pod, PodResourceClaim entry) throws UnallocatableException {
        if (entry.getResourceClaimName() != null) {
            return entry.getResourceClaimName();
        }
        if (entry.getResourceClaimTemplateName() == null) {
            throw new UnallocatableException(
                    "pod \"%s\", spec.resourceClaim \"%s\": none of the supported fields are set"
                            .formatted(pod.key(), entry.getName()));
        }
        String name = generated(pod.pod(), entry.getName());
        if (name == null) {
            throw new UnallocatableException("pod \"%s\": ResourceClaim not created yet".formatted(pod.key()));
        }
        return name;
    }

    private static @Nullable String generated(Pod pod, String entry) {
        if (pod.getStatus() == null) {
            return null;
        }
        for (PodResourceClaimStatus each : OrEmpty.of(pod.getStatus().getResourceClaimStatuses())) {
            if (entry.equals(each.getName())) {
                return OrEmpty.of(each.getResourceClaimName());
            }
        }
        return null;
    }

    /** Whether a pod names a claim, or it was made for it. */
    static boolean isOf(PodInfo pod, ResourceClaim claim) {
        if (!pod.namespace().equals(claim.getMetadata().getNamespace())) {
            return false;
        }
        String name = claim.getMetadata().getName();
        return Owners.isControlledBy(claim, pod.pod())
                || OrEmpty.of(pod.pod().getSpec().getResourceClaims()).stream()
                        .anyMatch(entry -> name.equals(entry.getResourceClaimName()));
    }

    /** Who has reserved a claim. */
    static List<ResourceClaimConsumerReference> consumers(ResourceClaim claim) {
        return claim.getStatus() == null
                ? List.of()
                : OrEmpty.of(claim.getStatus().getReservedFor());
    }

    static boolean isReservedFor(ResourceClaim claim, PodInfo pod) {
        return consumers(claim).stream().anyMatch(consumer -> pod.uid().equals(consumer.getUid()));
    }

    /** Whether another pod may use a claim. */
    static boolean hasRoom(ResourceClaim claim) {
        return consumers(claim).size() < RESERVED_MAX;
    }
}
