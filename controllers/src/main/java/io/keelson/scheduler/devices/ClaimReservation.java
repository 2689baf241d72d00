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
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The claims of a pod that has a node. Claims that are written stay allocated and reserved for the pod if it does not come
 * to its node: its next decision finds them so, and another node is had by deallocating them first.
 */
final class ClaimReservation implements Reservation {
    private static final int BETWEEN_LOOKS_MILLIS = 500;

    private final PodInfo pod;
    private final List<Part> parts;
    private final InstantSource clock;
    private final Duration limit;
    private final Function<Key, @Nullable ResourceClaim> seen;
    private final BiConsumer<ResourceClaim, @Nullable String> settled;
    /** The versions of the claims that were allocated, by uid. */
    private final ConcurrentMap<String, String> written = new ConcurrentHashMap<>();

    /**
     * A claim.
     *
     * @param allocation what it gets; null if it has it
     */
    record Part(ResourceClaim claim, @Nullable AllocationResult allocation) {}

    /**
     * What was taken.
     *
     * @param limit how long devices may take to be ready
     * @param seen the claims as the watch tells of them, for any thread
     * @param settled is told for each claim that got an allocation with which version the API has it; null for not at all
     */
    ClaimReservation(
            PodInfo pod,
            List<Part> parts,
            InstantSource clock,
            Duration limit,
            Function<Key, @Nullable ResourceClaim> seen,
            BiConsumer<ResourceClaim, @Nullable String> settled) {
        this.pod = pod;
        this.parts = List.copyOf(parts);
        this.clock = clock;
        this.limit = limit;
        this.seen = seen;
        this.settled = settled;
    }

    @Override
    public void write(KubernetesClient client) throws ReservationException, InterruptedException {
        try {
            writeClaims(client);
        } catch (ReservationException e) {
            throw new ReservationException("running PreBind plugin \"DynamicResources\": " + e.getMessage(), e);
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
        // Not by the wall clock, which may jump.
        long since = System.nanoTime();
        for (ResourceClaim claim : reserved) {
            await(writer, claim, since);
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
            ResourceClaim now = seen.apply(Key.of(claim));
            if (now == null
                    || !claim.getMetadata().getUid().equals(now.getMetadata().getUid())) {
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
        for (Part part : parts) {
            if (part.allocation() != null) {
                settled.accept(
                        part.claim(), written.get(part.claim().getMetadata().getUid()));
            }
        }
    }
}
