package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodExtendedResourceClaimStatus;
import io.fabric8.kubernetes.api.model.PodExtendedResourceClaimStatusBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.objects.ContentHash;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Patch;
import io.keelson.scheduler.decision.ReservationException;
import io.keelson.scheduler.state.PodInfo;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes the claim that a pod has for its extended resources, and takes away one that was made for nothing. The name follows
 * from the pod, so that whoever comes after a crash, or has lost the answer, finds what is there and begins anew. A claim of
 * a pod that is on a node is left alone: the node may be using it.
 */
final class ExtendedClaimWriter {
    /** On a claim that was made for a pod's extended resources. */
    static final String ANNOTATION = "resource.kubernetes.io/extended-resource-claim";

    private static final int TRIES_MAX = 10;
    private static final int NAME_MAX = 63;

    private final KubernetesClient client;
    private final PodInfo pod;
    private final String about;

    ExtendedClaimWriter(KubernetesClient client, PodInfo pod) {
        this.client = client;
        this.pod = pod;
        about = "the claim for the extended resources of pod " + pod.key();
    }

    /** Whether a claim was made for the extended resources of a pod, as it says. */
    static boolean isExtended(ResourceClaim claim) {
        return "true".equals(OrEmpty.of(claim.getMetadata().getAnnotations()).get(ANNOTATION));
    }

    /**
     * Makes the claim, without an allocation.
     *
     * @param creations is told of each try
     * @return the claim as the API has it then
     * @throws ReservationException if that cannot be
     */
    ResourceClaim create(ExtendedRequests.Wanted wanted, ClaimCreations creations)
            throws ReservationException, InterruptedException {
        int collisions = 0;
        for (int tries = 0; tries < TRIES_MAX; tries++) {
            ResourceClaim claim = claim(wanted, collisions);
            try {
                ResourceClaim made =
                        UntilAnswered.send(about, () -> client.resource(claim).create());
                creations.asked(true);
                return made;
            } catch (UntilAnswered.RefusedException e) {
                creations.asked(false);
                if (!e.isConflict()) {
                    throw new ReservationException("create " + about + ": " + e.getMessage(), e);
                }
            }
            ResourceClaim there = read(claim).orElse(null);
            if (there != null && isExtended(there) && Owners.isControlledBy(there, pod.pod())) {
                // Of an earlier attempt, or of this one, whose answer was lost.
                remove(there);
            } else if (there != null) {
                collisions++;
            }
        }
        throw new ReservationException("create " + about + ": no name is free");
    }

    private ResourceClaim claim(ExtendedRequests.Wanted wanted, int collisions) {
        String prefix = pod.key().name() + "-extended-resources-";
        String hash = ContentHash.of(pod.uid(), collisions);
        int room = NAME_MAX - hash.length();
        return new ResourceClaimBuilder()
                .withNewMetadata()
                .withNamespace(pod.namespace())
                .withName((prefix.length() <= room ? prefix : prefix.substring(0, room)) + hash)
                .addToAnnotations(ANNOTATION, "true")
                .withOwnerReferences(Owners.controllerReference(pod.pod()))
                .withFinalizers(ClaimWriter.FINALIZER)
                .endMetadata()
                .withNewSpec()
                .withNewDevices()
                .withRequests(wanted.requests())
                .endDevices()
                .endSpec()
                .build();
    }

    /** Says in the pod's status which claim it has, for its node to find it. */
    void tell(ResourceClaim claim, ExtendedRequests.Wanted wanted) throws ReservationException, InterruptedException {
        patchStatus(new PodExtendedResourceClaimStatusBuilder()
                .withResourceClaimName(claim.getMetadata().getName())
                .withRequestMappings(wanted.mappings())
                .build());
    }

    /** Says that the pod has none. */
    void tellNone() throws ReservationException, InterruptedException {
        patchStatus(null);
    }

    private void patchStatus(@Nullable PodExtendedResourceClaimStatus status)
            throws ReservationException, InterruptedException {
        Map<String, Object> patch = Map.of(
                "metadata", Map.of("uid", pod.uid()),
                "status", Collections.singletonMap("extendedResourceClaimStatus", status));
        try {
            Pod _ = UntilAnswered.send(
                    about, () -> Patch.of(client, pod.pod()).status().merge(patch));
        } catch (UntilAnswered.RefusedException e) {
            throw new ReservationException("update pod " + pod.key() + ": " + e.getMessage(), e);
        }
    }

    /**
     * Takes a claim away that was made for nothing.
     *
     * @throws ReservationException if it stays, as it does if another pod has it
     */
    void remove(ResourceClaim seen) throws ReservationException, InterruptedException {
        requireUnbound();
        if (PodClaims.consumers(seen).stream().anyMatch(consumer -> !pod.uid().equals(consumer.getUid()))) {
            throw new ReservationException("claim " + Key.of(seen) + " says that it is of pod " + pod.key()
                    + ", and is used by another one: delete it");
        }
        ResourceClaim claim = seen;
        for (int tries = 0; tries < TRIES_MAX; tries++) {
            try {
                removeOnce(claim);
                return;
            } catch (UntilAnswered.RefusedException e) {
                if (!e.isConflict() && !e.isMissing()) {
                    throw new ReservationException("delete " + about + ": " + e.getMessage(), e);
                }
            }
            ResourceClaim now = read(seen).orElse(null);
            if (now == null
                    || !seen.getMetadata().getUid().equals(now.getMetadata().getUid())) {
                return;
            }
            claim = now;
        }
        throw new ReservationException("delete " + about + ": it is changed again and again");
    }

    private void removeOnce(ResourceClaim seen) throws UntilAnswered.RefusedException, InterruptedException {
        ResourceClaim claim = seen;
        if (ClaimLedger.allocation(claim) != null || !PodClaims.consumers(claim).isEmpty()) {
            ResourceClaim free = new ResourceClaimBuilder(claim)
                    .editStatus()
                    .withAllocation(null)
                    .withReservedFor(List.of())
                    .withDevices(List.of())
                    .endStatus()
                    .build();
            claim = UntilAnswered.send(about, () -> client.resource(free).updateStatus());
        }
        if (claim.hasFinalizer(ClaimWriter.FINALIZER)) {
            ResourceClaim open = new ResourceClaimBuilder(claim)
                    .editMetadata()
                    .removeFromFinalizers(ClaimWriter.FINALIZER)
                    .endMetadata()
                    .build();
            claim = UntilAnswered.send(about, () -> client.resource(open).update());
        }
        ResourceClaim last = claim;
        boolean _ = UntilAnswered.send(about, () -> Deletion.of(client, last));
    }

    private void requireUnbound() throws ReservationException, InterruptedException {
        Optional<Pod> now = answered(() -> client.pods()
                .inNamespace(pod.namespace())
                .withName(pod.key().name())
                .get());
        if (now.isPresent()
                && pod.uid().equals(now.get().getMetadata().getUid())
                && !Pods.node(now.get()).isEmpty()) {
            throw new ReservationException("pod " + pod.key() + " is on " + Pods.node(now.get()) + " already");
        }
    }

    private Optional<ResourceClaim> read(ResourceClaim claim) throws ReservationException, InterruptedException {
        Key key = Key.of(claim);
        return answered(() -> client.resources(ResourceClaim.class)
                .inNamespace(key.namespace())
                .withName(key.name())
                .get());
    }

    private interface Question<T> {
        @Nullable
        T ask();
    }

    private <T> Optional<T> answered(Question<T> question) throws ReservationException, InterruptedException {
        try {
            return UntilAnswered.send(about, () -> Optional.ofNullable(question.ask()));
        } catch (UntilAnswered.RefusedException e) {
            throw new ReservationException("read " + about + ": " + e.getMessage(), e);
        }
    }
}
