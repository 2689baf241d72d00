package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.resource.v1.AllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceRequestAllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimConsumerReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.decision.ReservationException;
import io.keelson.scheduler.state.PodInfo;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes into claims that a pod has them. A claim that somebody else changed meanwhile is read again; when an answer is lost
 * the write is sent again until one comes, as else nobody would know whether the devices are given away.
 */
final class ClaimWriter {
    /** Holds back the deletion of a claim that is allocated. */
    static final String FINALIZER = "resource.kubernetes.io/delete-protection";

    private static final Logger LOG = LoggerFactory.getLogger(ClaimWriter.class);
    private static final int CONFLICTS_MAX = 5;
    private static final int BETWEEN_TRIES_MILLIS = 1000;

    private final KubernetesClient client;
    private final PodInfo pod;

    ClaimWriter(KubernetesClient client, PodInfo pod) {
        this.client = client;
        this.pod = pod;
    }

    /** The answer to a write is a conflict: the claim is not any more what it was computed from. */
    private static final class ConflictException extends Exception {
        private static final long serialVersionUID = 1;
    }

    /**
     * Reserves a claim for the pod, and allocates it before that if it is not.
     *
     * @param allocation what it gets; null if it has what it needs
     * @return the claim as the API has it then
     * @throws ReservationException if that cannot be; then the claim has not got this allocation
     */
    ResourceClaim reserve(ResourceClaim seen, @Nullable AllocationResult allocation)
            throws ReservationException, InterruptedException {
        ResourceClaim claim = seen;
        for (int conflicts = 0; ; conflicts++) {
            try {
                return reserveOnce(claim, allocation);
            } catch (ConflictException e) {
                if (conflicts == CONFLICTS_MAX) {
                    throw new ReservationException("claim " + Key.of(seen) + " is changed again and again", e);
                }
            }
            claim = read(seen);
        }
    }

    private ResourceClaim reserveOnce(ResourceClaim now, @Nullable AllocationResult allocation)
            throws ReservationException, ConflictException, InterruptedException {
        ResourceClaim claim = now;
        String name = "claim " + Key.of(claim);
        AllocationResult has = ClaimLedger.allocation(claim);
        if (has != null
                && PodClaims.isReservedFor(claim, pod)
                && (allocation == null || sameDevices(has, allocation))) {
            return claim;
        }
        if (claim.isMarkedForDeletion()) {
            throw new ReservationException(name + " got deleted in the meantime");
        }
        ResourceClaimBuilder changed = new ResourceClaimBuilder(claim);
        if (allocation == null) {
            if (has == null) {
                throw new ReservationException(name + " got deallocated in the meantime");
            }
        } else {
            if (has != null) {
                throw new ReservationException(name + " got allocated elsewhere in the meantime");
            }
            if (!claim.hasFinalizer(FINALIZER)) {
                ResourceClaim guarded = changed.editMetadata()
                        .addToFinalizers(FINALIZER)
                        .endMetadata()
                        .build();
                claim = send(
                        "add finalizer to ",
                        guarded,
                        () -> client.resource(guarded).update());
                changed = new ResourceClaimBuilder(claim);
            }
            changed.editOrNewStatus().withAllocation(allocation).endStatus();
        }
        ResourceClaim reserved = changed.editOrNewStatus()
                .addToReservedFor(new ResourceClaimConsumerReferenceBuilder()
                        .withResource("pods")
                        .withName(pod.key().name())
                        .withUid(pod.uid())
                        .build())
                .endStatus()
                .build();
        String what = allocation == null ? "add reservation to " : "add allocation and reservation to ";
        return send(what, reserved, () -> client.resource(reserved).updateStatus());
    }

    /** Whether two allocations are of the same devices; a server may have added what is the default. */
    private static boolean sameDevices(AllocationResult one, AllocationResult other) {
        return devices(one).equals(devices(other));
    }

    private static List<String> devices(AllocationResult allocation) {
        if (allocation.getDevices() == null) {
            return List.of();
        }
        return OrEmpty.of(allocation.getDevices().getResults()).stream()
                .map(ClaimWriter::device)
                .toList();
    }

    private static String device(DeviceRequestAllocationResult result) {
        DeviceId id = new DeviceId(result.getDriver(), result.getPool(), result.getDevice());
        return result.getRequest() + ' ' + id + ' ' + OrEmpty.of(result.getShareID());
    }

    /**
     * Takes the allocation from a claim that nobody but the pod has reserved.
     *
     * @return the claim as the API has it then
     * @throws ReservationException if somebody changed it meanwhile
     */
    ResourceClaim deallocate(ResourceClaim claim) throws ReservationException, InterruptedException {
        ResourceClaim free = new ResourceClaimBuilder(claim)
                .editOrNewStatus()
                .withAllocation(null)
                .withReservedFor(List.of())
                .withDevices(List.of())
                .endStatus()
                .build();
        try {
            return send("deallocate ", free, () -> client.resource(free).updateStatus());
        } catch (ConflictException e) {
            throw new ReservationException("claim " + Key.of(claim) + " got changed in the meantime", e);
        }
    }

    /** Sends a write until there is an answer that says something. */
    private static ResourceClaim send(String what, ResourceClaim claim, Supplier<ResourceClaim> write)
            throws ReservationException, ConflictException, InterruptedException {
        String name = "claim " + Key.of(claim);
        try {
            return UntilAnswered.send(name, write);
        } catch (UntilAnswered.RefusedException e) {
            if (e.isConflict()) {
                throw new ConflictException();
            }
            if (e.isMissing()) {
                throw new ReservationException(name + " got deleted in the meantime", e);
            }
            throw new ReservationException(what + name + ": " + e.getMessage(), e);
        }
    }

    /** The claim as the API has it now. */
    private ResourceClaim read(ResourceClaim seen) throws ReservationException, InterruptedException {
        while (true) {
            try {
                ResourceClaim now = client.resources(ResourceClaim.class)
                        .inNamespace(seen.getMetadata().getNamespace())
                        .withName(seen.getMetadata().getName())
                        .get();
                if (now == null
                        || !seen.getMetadata().getUid().equals(now.getMetadata().getUid())) {
                    throw new ReservationException("claim " + Key.of(seen) + " got deleted in the meantime");
                }
                return now;
            } catch (RuntimeException e) {
                LOG.info("claim {} cannot be read: {}", Key.of(seen), e.getMessage());
            }
            Thread.sleep(BETWEEN_TRIES_MILLIS);
        }
    }
}
