package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.resource.v1.AllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.objects.ResourceVersions;
import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.decision.Reservation;
import io.keelson.scheduler.decision.ReservationException;
import io.keelson.scheduler.state.PodInfo;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The claims of a pod that has a node. Claims that are written stay allocated and reserved for the pod if it does not come
 * to its node: its next decision finds them so, and another node is had by deallocating them first. The claim that is made
 * for extended resources is taken away again, here or before the next decision.
 */
final class ClaimReservation implements Reservation {
    private static final Logger LOG = LoggerFactory.getLogger(ClaimReservation.class);
    private static final int BETWEEN_LOOKS_MILLIS = 500;

    private final PodInfo pod;
    private final List<Part> parts;
    private final @Nullable Extended extended;
    private final InstantSource clock;
    private final Duration limit;
    private final DeviceState state;
    private final ClaimCreations creations;
    /** The versions of the claims that were allocated, by uid. */
    private final ConcurrentMap<String, String> written = new ConcurrentHashMap<>();

    /** What the claim for extended resources has become; null while there is none. */
    private volatile @Nullable ResourceClaim made;

    /**
     * The claim that is to be made for extended resources.
     *
     * @param assumed under which it is assumed until it is made
     */
    record Extended(ResourceClaim assumed, ExtendedRequests.Wanted wanted, AllocationResult allocation) {}

    /**
     * A claim.
     *
     * @param allocation what it gets; null if it has it
     */
    record Part(ResourceClaim claim, @Nullable AllocationResult allocation) {}

    /**
     * What was taken.
     *
     * @param extended what is to be made for extended resources; null for nothing
     * @param limit how long devices may take to be ready
     * @param state knows the claims as the watch tells of them, and is told what the API has when all is settled
     * @param creations is told of claims that are made
     */
    ClaimReservation(
            PodInfo pod,
            List<Part> parts,
            @Nullable Extended extended,
            InstantSource clock,
            Duration limit,
            DeviceState state,
            ClaimCreations creations) {
        this.pod = pod;
        this.parts = List.copyOf(parts);
        this.extended = extended;
        this.clock = clock;
        this.limit = limit;
        this.state = state;
        this.creations = creations;
    }

    @Override
    public String plugin() {
        return DynamicResources.NAME;
    }

    @Override
    public void write(KubernetesClient client) throws ReservationException, InterruptedException {
        try {
            writeClaims(client);
        } catch (ReservationException e) {
            removeMade(client);
            throw new ReservationException(
                    "running PreBind plugin \"" + DynamicResources.NAME + "\": " + e.getMessage(), e);
        }
    }

    private void writeClaims(KubernetesClient client) throws ReservationException, InterruptedException {
        ClaimWriter writer = new ClaimWriter(client, pod);
        List<ResourceClaim> reserved = new ArrayList<>();
        for (Part part : parts) {
            ResourceClaim now = writer.reserve(part.claim(), timed(part.allocation()));
            remember(now);
            reserved.add(now);
        }
        ResourceClaim forExtended = writeExtended(client, writer);
        if (forExtended != null) {
            reserved.add(forExtended);
        }
        // Not by the wall clock, which may jump.
        long since = System.nanoTime();
        for (ResourceClaim claim : reserved) {
            await(writer, claim, since);
        }
    }

    private @Nullable ResourceClaim writeExtended(KubernetesClient client, ClaimWriter writer)
            throws ReservationException, InterruptedException {
        Extended own = extended;
        ExtendedClaimWriter extendedWriter = new ExtendedClaimWriter(client, pod);
        if (own == null) {
            if (pod.pod().getStatus() != null && pod.pod().getStatus().getExtendedResourceClaimStatus() != null) {
                // Of an earlier attempt: the node would look for a claim that is gone.
                extendedWriter.tellNone();
            }
            return null;
        }
        ResourceClaim claim = extendedWriter.create(own.wanted(), creations);
        made = claim;
        claim = writer.reserve(claim, timed(own.allocation()));
        made = claim;
        extendedWriter.tell(claim, own.wanted());
        return claim;
    }

    private void removeMade(KubernetesClient client) throws InterruptedException {
        ResourceClaim claim = made;
        if (claim == null) {
            return;
        }
        ExtendedClaimWriter writer = new ExtendedClaimWriter(client, pod);
        try {
            writer.remove(claim);
            made = null;
            writer.tellNone();
        } catch (ReservationException e) {
            LOG.info("the next attempt of pod {} has to clean up: {}", pod.key(), e.getMessage());
        }
    }

    private @Nullable AllocationResult timed(@Nullable AllocationResult allocation) {
        return allocation == null
                ? null
                : allocation.toBuilder()
                        .withAllocationTimestamp(clock.instant().toString())
                        .build();
    }

    private void remember(ResourceClaim claim) {
        written.put(claim.getMetadata().getUid(), ResourceVersions.of(claim));
    }

    /** Waits until the devices of a claim are ready. */
    private void await(ClaimWriter writer, ResourceClaim reserved, long since)
            throws ReservationException, InterruptedException {
        ResourceClaim claim = reserved;
        while (true) {
            switch (look(claim, since)) {
                case BindingConditions.Look.Ready _ -> {
                    return;
                }
                case BindingConditions.Look.Waiting _ -> Thread.sleep(BETWEEN_LOOKS_MILLIS);
                case BindingConditions.Look.Failed failed -> {
                    if (ClaimLedger.allocation(claim) != null) {
                        remember(writer.deallocate(claim));
                    }
                    throw new ReservationException(failed.reason());
                }
            }
            ResourceClaim now = state.seen(Key.of(claim));
            ResourceClaim own = made;
            boolean isOther = now == null
                    || !claim.getMetadata().getUid().equals(now.getMetadata().getUid());
            if (isOther && own != null && Key.of(own).equals(Key.of(claim))) {
                // The watch need not have told yet of one that was just made.
                continue;
            }
            if (now == null || isOther) {
                throw new ReservationException("claim " + Key.of(claim) + " got deleted in the meantime");
            }
            // The watch may be behind.
            claim = ResourceVersions.isOlder(now, claim) ? claim : now;
        }
    }

    private BindingConditions.Look look(ResourceClaim claim, long since) {
        BindingConditions.Look look = BindingConditions.look(claim, clock.instant(), limit);
        boolean isLate = Duration.ofNanos(System.nanoTime() - since).compareTo(limit) > 0;
        return isLate && look instanceof BindingConditions.Look.Waiting ? BindingConditions.timeout(claim) : look;
    }

    @Override
    public void bound() {
        settle();
    }

    @Override
    public void release() {
        settle();
    }

    private void settle() {
        Extended own = extended;
        if (own != null) {
            state.settleExtended(own.assumed(), made);
        }
        for (Part part : parts) {
            if (part.allocation() != null) {
                state.settle(
                        part.claim(), written.get(part.claim().getMetadata().getUid()));
            }
        }
    }
}
