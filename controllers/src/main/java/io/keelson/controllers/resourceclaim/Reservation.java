package io.keelson.controllers.resourceclaim;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimConsumerReference;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimConsumerReferenceBuilder;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Claims with reservations made and ended: changed copies, the same object if nothing changes. */
final class Reservation {
    /** Holds back the deletion of a claim that is allocated. */
    static final String FINALIZER = "resource.kubernetes.io/delete-protection";

    private static final int RESERVED_MAX = 256;

    private Reservation() {}

    static List<ResourceClaimConsumerReference> of(ResourceClaim claim) {
        return claim.getStatus() == null
                ? List.of()
                : OrEmpty.of(claim.getStatus().getReservedFor());
    }

    static boolean isAllocated(ResourceClaim claim) {
        return claim.getStatus() != null && claim.getStatus().getAllocation() != null;
    }

    /** Whether a consumer is a pod; others are not known here and are left alone. */
    static boolean isPod(ResourceClaimConsumerReference consumer) {
        return OrEmpty.of(consumer.getApiGroup()).isEmpty() && "pods".equals(consumer.getResource());
    }

    /** The claim, reserved for a pod as well, if it is allocated and there is room. */
    static ResourceClaim reserved(ResourceClaim claim, Pod pod) {
        List<ResourceClaimConsumerReference> consumers = of(claim);
        String uid = pod.getMetadata().getUid();
        if (!isAllocated(claim)
                || consumers.size() >= RESERVED_MAX
                || consumers.stream().anyMatch(consumer -> uid.equals(consumer.getUid()))) {
            return claim;
        }
        return new ResourceClaimBuilder(claim)
                .editStatus()
                .addToReservedFor(new ResourceClaimConsumerReferenceBuilder()
                        .withResource("pods")
                        .withName(pod.getMetadata().getName())
                        .withUid(uid)
                        .build())
                .endStatus()
                .build();
    }

    /**
     * The claim with the status that its consumers leave it: those that are done are not among them any more, and with the
     * last one the allocation goes. A claim that never had a consumer keeps its allocation, until it is to be deleted.
     */
    static ResourceClaim ended(ResourceClaim claim, Predicate<ResourceClaimConsumerReference> needsIt) {
        List<ResourceClaimConsumerReference> before = of(claim);
        List<ResourceClaimConsumerReference> left = new ArrayList<>(before);
        left.removeIf(needsIt.negate());
        boolean lastEnded = left.size() < before.size() || claim.isMarkedForDeletion();
        boolean deallocate = left.isEmpty() && lastEnded && isAllocated(claim) && claim.hasFinalizer(FINALIZER);
        if (left.size() == before.size() && !deallocate) {
            return claim;
        }
        ResourceClaimBuilder ended = new ResourceClaimBuilder(claim)
                .editStatus()
                .withReservedFor(left)
                .endStatus();
        // What devices tell of themselves means nothing without the allocation.
        return deallocate
                ? ended.editStatus()
                        .withAllocation(null)
                        .withDevices(List.of())
                        .endStatus()
                        .build()
                : ended.build();
    }

    /**
     * The claim without the finalizer, if that holds back nothing any more.
     *
     * @param ended whether a reservation has ended just now
     */
    static ResourceClaim unprotected(ResourceClaim claim, boolean ended) {
        boolean free = of(claim).isEmpty() && !isAllocated(claim) && claim.hasFinalizer(FINALIZER);
        return free && (ended || claim.isMarkedForDeletion())
                ? new ResourceClaimBuilder(claim)
                        .editMetadata()
                        .removeFromFinalizers(FINALIZER)
                        .endMetadata()
                        .build()
                : claim;
    }
}
