package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.resource.v1.AllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.keelson.scheduler.decision.Decision;
import io.keelson.scheduler.decision.Hinted;
import io.keelson.scheduler.decision.PostFilter;
import io.keelson.scheduler.decision.Rejection;
import io.keelson.scheduler.decision.Reservation;
import io.keelson.scheduler.decision.ReservationException;
import io.keelson.scheduler.decision.Reserve;
import io.keelson.scheduler.decision.Score;
import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.ClusterEvent.Kind;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Pods get the devices that their ResourceClaims ask for: a node can take a pod if the claims that are allocated can be used
 * from there and the others can be allocated there. Where a node has none of an extended resource that a class of devices
 * stands for, the pod gets it from devices too, by a claim that is made for it. Other pods are none of its business.
 */
public final class DynamicResources implements PostFilter, Score, Reserve, Hinted {
    static final String NAME = "DynamicResources";
    private static final String NOT_AVAILABLE = "resourceclaim not available on the node";
    private static final List<Rejection> ELSEWHERE = List.of(new Rejection(NAME, NOT_AVAILABLE, false));
    private static final String FREEING = "deallocation of ResourceClaim completed";
    private static final Help UNHELPED = new Help("still not schedulable", null);

    /** How many ways to satisfy a request the API allows. */
    private static final int OPTIONS_MAX = 8;

    private static final Set<Kind> HELPED_BY = EnumSet.of(
            Kind.RESOURCE_CLAIM,
            Kind.RESOURCE_SLICE,
            Kind.DEVICE_CLASS,
            Kind.DEVICE_TAINT_RULE,
            Kind.NODE_ADDED,
            Kind.NODE_ALLOCATABLE,
            Kind.NODE_LABELS,
            Kind.POD_PENDING);

    private final DeviceState state;
    private final InstantSource clock;
    private final Limits limits;
    private final ClaimCreations creations;
    /** What was worked out for a pod last: the node that is chosen is one that was looked at. */
    private @Nullable PodDevices last;

    /**
     * How long things may take.
     *
     * @param filter how long devices may be looked for on one node; zero for no limit
     * @param binding how long devices may take to be ready
     */
    public record Limits(Duration filter, Duration binding) {}

    /**
     * Allocates by what is there.
     *
     * @param clock says when claims are allocated, and how long devices are waited for
     * @param creations is told of claims that are made
     */
    public DynamicResources(DeviceState state, InstantSource clock, Limits limits, ClaimCreations creations) {
        this.creations = creations;
        this.state = state;
        this.clock = clock;
        this.limits = limits;
    }

    private boolean concerns(PodInfo pod) {
        return PodDevices.concern(pod, state);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public @Nullable Test prepare(PodInfo pod, ClusterState cluster) {
        if (!concerns(pod)) {
            return null;
        }
        PodDevices prepared;
        try {
            prepared = prepared(pod);
        } catch (UnallocatableException e) {
            List<Rejection> rejection = List.of(new Rejection(NAME, String.valueOf(e.getMessage()), false));
            return node -> rejection;
        }
        return node -> {
            if (!prepared.isUsableFrom(node)) {
                return ELSEWHERE;
            }
            return switch (prepared.offer(node).outcome()) {
                case Allocator.Outcome.Possible _ -> List.of();
                case Allocator.Outcome.Impossible impossible ->
                    List.of(new Rejection(NAME, impossible.reason(), false));
            };
        };
    }

    private PodDevices prepared(PodInfo pod) throws UnallocatableException {
        last = null;
        state.ledger().forgetUntold(System.nanoTime());
        PodDevices prepared = new PodDevices(pod, state, limits.filter());
        last = prepared;
        return prepared;
    }

    private PodDevices lastFor(PodInfo pod) throws UnallocatableException {
        PodDevices known = last;
        return known != null && known.isGood(pod) ? known : prepared(pod);
    }

    /** Nodes where requests get what they like better are worth more. */
    @Override
    public @Nullable Rating prepare(PodInfo pod, ClusterState cluster, List<NodeState> candidates) {
        if (!concerns(pod)) {
            return null;
        }
        PodDevices prepared;
        try {
            prepared = lastFor(pod);
        } catch (UnallocatableException e) {
            return null;
        }
        if (prepared.plans().stream().allMatch(plan -> plan.requests().stream().allMatch(all -> all.size() == 1))) {
            return null;
        }
        return new Rating() {
            @Override
            public long rate(NodeState node) {
                return prepared.offer(node).outcome() instanceof Allocator.Outcome.Possible possible
                        ? DynamicResources.rate(prepared.plans(), possible.chosen())
                        : 0;
            }

            @Override
            public void normalize(long[] worths) {
                Rating.scale(worths, false);
            }
        };
    }

    private static long rate(List<ClaimPlan> plans, List<List<ChosenDevice>> chosen) {
        long worth = 0;
        for (int i = 0; i < plans.size(); i++) {
            for (List<RequestOption> options : plans.get(i).requests()) {
                for (int option = 0; options.size() > 1 && option < options.size(); option++) {
                    RequestOption each = options.get(option);
                    if (chosen.get(i).stream()
                            .anyMatch(device -> device.option().name().equals(each.name()))) {
                        worth += OPTIONS_MAX - option;
                    }
                }
            }
        }
        return worth;
    }

    @Override
    public @Nullable Reservation reserve(PodInfo pod, NodeState node) throws ReservationException {
        if (!concerns(pod) && !isToldOfExtended(pod)) {
            return null;
        }
        PodDevices prepared;
        try {
            prepared = lastFor(pod);
        } catch (UnallocatableException e) {
            throw new ReservationException(String.valueOf(e.getMessage()), e);
        }
        if (!prepared.isUsableFrom(node)) {
            throw new ReservationException(NOT_AVAILABLE);
        }
        Map<String, AllocationResult> allocations = new HashMap<>();
        ClaimReservation.Extended made = null;
        PodDevices.Offer offer = prepared.offer(node);
        switch (offer.outcome()) {
            case Allocator.Outcome.Impossible impossible -> throw new ReservationException(impossible.reason());
            case Allocator.Outcome.Possible possible -> {
                List<AllocationResult> all = possible.allocations();
                for (int i = 0; i < prepared.plans().size(); i++) {
                    ResourceClaim claim = prepared.plans().get(i).claim();
                    allocations.put(claim.getMetadata().getUid(), all.get(i));
                }
                PodDevices.Extended more = offer.extended();
                made = more == null
                        ? null
                        : new ClaimReservation.Extended(more.plan().claim(), more.wanted(), all.getLast());
            }
        }
        if (made != null) {
            state.ledger().assume(made.assumed(), made.allocation());
        }
        List<ClaimReservation.Part> parts = new ArrayList<>();
        for (ResourceClaim claim : prepared.claims()) {
            AllocationResult allocation = allocations.get(claim.getMetadata().getUid());
            if (allocation != null) {
                state.ledger().assume(claim, allocation);
            }
            parts.add(new ClaimReservation.Part(claim, allocation));
        }
        last = null;
        return parts.isEmpty() && made == null && !isToldOfExtended(pod)
                ? null
                : new ClaimReservation(pod, parts, made, clock, limits.binding(), state, creations);
    }

    /** Whether the pod's status says of an earlier attempt that it has a claim for extended resources. */
    private static boolean isToldOfExtended(PodInfo pod) {
        return pod.pod().getStatus() != null && pod.pod().getStatus().getExtendedResourceClaimStatus() != null;
    }

    @Override
    public Help help(PodInfo pod, Decision.Impossible why) {
        if (!concerns(pod)) {
            return new Help("no new claims to deallocate", null);
        }
        for (ResourceClaim left : state.ledger().extendedOf(pod.uid())) {
            if (state.freed().add(left.getMetadata().getUid())) {
                return new Help(FREEING, client -> {
                    try {
                        new ExtendedClaimWriter(client, pod).remove(left);
                    } finally {
                        state.freed().remove(left.getMetadata().getUid());
                    }
                });
            }
        }
        List<ResourceClaim> claims;
        try {
            claims = PodClaims.of(pod, state.ledger());
        } catch (UnallocatableException e) {
            return UNHELPED;
        }
        for (ResourceClaim claim : claims) {
            boolean others = PodClaims.consumers(claim).stream()
                    .anyMatch(consumer -> !pod.uid().equals(consumer.getUid()));
            if (ClaimLedger.allocation(claim) != null
                    && !others
                    && why.rejections().keySet().stream().anyMatch(node -> !PodDevices.isUsable(claim, node.node()))
                    && state.freed().add(claim.getMetadata().getUid())) {
                return new Help(FREEING, client -> {
                    try {
                        ResourceClaim _ = new ClaimWriter(client, pod).deallocate(claim);
                    } finally {
                        state.freed().remove(claim.getMetadata().getUid());
                    }
                });
            }
        }
        return UNHELPED;
    }

    @Override
    public Set<Kind> helpedBy() {
        return HELPED_BY;
    }

    @Override
    public boolean mayHelp(PodInfo waiting, ClusterEvent event) {
        if (event.kind() == Kind.POD_PENDING) {
            return event.pod() != null && event.pod().uid().equals(waiting.uid());
        }
        if (event.kind() != Kind.RESOURCE_CLAIM || event.change() == null) {
            return true;
        }
        ResourceClaim before = (ResourceClaim) event.change().before();
        ResourceClaim now = (ResourceClaim) event.change().now();
        if (now != null && PodClaims.isOf(waiting, now)) {
            return true;
        }
        // Devices became free: of a claim that had some, or of one that was to get some and is told of as gone.
        return now == null
                || (before != null && ClaimLedger.allocation(before) != null && ClaimLedger.allocation(now) == null);
    }
}
