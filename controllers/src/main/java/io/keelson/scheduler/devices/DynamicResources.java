package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.resource.v1.AllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimBuilder;
import io.keelson.controllers.objects.NodeChoice;
import io.keelson.controllers.runtime.Key;
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
import java.util.HashSet;
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
    private static final String NAME = "DynamicResources";
    private static final String NOT_AVAILABLE = "resourceclaim not available on the node";
    private static final Allocator.Outcome NOTHING = new Allocator.Outcome.Possible(List.of(), List.of());
    private static final List<Rejection> ELSEWHERE = List.of(new Rejection(NAME, NOT_AVAILABLE, false));
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
    /** What was worked out for a pod last: the node that is chosen is one that was looked at. */
    private @Nullable Prepared last;

    /**
     * How long things may take.
     *
     * @param filter how long devices may be looked for on one node; zero for no limit
     * @param binding how long devices may take to be ready
     */
    public record Limits(Duration filter, Duration binding) {}

    /** @param clock says when claims are allocated, and how long devices are waited for */
    public DynamicResources(DeviceState state, InstantSource clock, Limits limits) {
        this.state = state;
        this.clock = clock;
        this.limits = limits;
    }

    /** The claims of a pod, and what nodes can do for them. Good while nothing changes. */
    private final class Prepared {
        private final PodInfo pod;
        private final DeviceState.Version version = state.version();
        private final List<ResourceClaim> claims;
        private final List<ClaimPlan> plans = new ArrayList<>();
        private final ExtendedRequests extended;
        /** By the extended resources that devices stand for. */
        private final Map<Set<String>, Extended> extendedBy = new HashMap<>();

        private final StepLimit limit = new StepLimit(limits.filter(), System::nanoTime);
        private final Map<String, Allocator.Outcome> outcomes = new HashMap<>();

        private Prepared(PodInfo pod) throws UnallocatableException {
            this.pod = pod;
            if (!state.ledger().extendedOf(pod.uid()).isEmpty()) {
                throw new UnallocatableException("cannot schedule extended resource claim");
            }
            extended = ExtendedRequests.of(pod, state.classes()::of);
            claims = PodClaims.of(pod, state.ledger());
            for (ResourceClaim claim : claims) {
                if (ClaimLedger.allocation(claim) != null) {
                    if (!PodClaims.isReservedFor(claim, pod) && !PodClaims.hasRoom(claim)) {
                        throw new UnallocatableException("resourceclaim in use");
                    }
                } else if (state.ledger().isInFlight(claim)) {
                    throw new UnallocatableException(
                            "resource claim " + Key.of(claim) + " is in the process of being allocated");
                } else {
                    plans.add(state.plan(claim));
                }
            }
        }

        private boolean isGood(PodInfo asked) {
            return pod.uid().equals(asked.uid()) && version.equals(state.version());
        }

        private boolean isUsableFrom(NodeState node) {
            if (claims.isEmpty()) {
                return true;
            }
            Node object = node.node();
            return claims.stream().allMatch(claim -> isUsable(claim, object));
        }

        /** What the pod gets as devices on a node, of what the node has not itself; null for nothing. */
        private @Nullable Extended extended(NodeState node) throws UnallocatableException {
            Set<String> missing = new HashSet<>();
            for (String resource : extended.classes().keySet()) {
                if (node.allocatable(resource) == 0) {
                    missing.add(resource);
                }
            }
            if (missing.isEmpty()) {
                return null;
            }
            Extended known = extendedBy.get(missing);
            if (known == null) {
                known = Extended.of(pod, extended.of(missing), state);
                extendedBy.put(missing, known);
            }
            return known;
        }

        private Allocator.Outcome outcome(NodeState node) {
            return outcomes.computeIfAbsent(node.name(), name -> {
                List<ClaimPlan> all = new ArrayList<>(plans);
                try {
                    Extended more = extended(node);
                    if (more != null) {
                        all.add(more.plan());
                    }
                } catch (UnallocatableException e) {
                    return new Allocator.Outcome.Impossible(String.valueOf(e.getMessage()));
                }
                return all.isEmpty()
                        ? NOTHING
                        : Allocator.allocate(
                                all,
                                state.inventory().poolsFor(name),
                                node.node(),
                                state.ledger().usage(),
                                limit);
            });
        }
    }

    /**
     * The claim that is made for extended resources, should the pod go where they are devices.
     *
     * @param plan of the claim as it is until it is made
     */
    private record Extended(ExtendedRequests.Wanted wanted, ClaimPlan plan) {
        static Extended of(PodInfo pod, ExtendedRequests.Wanted wanted, DeviceState state)
                throws UnallocatableException {
            ResourceClaim claim = new ResourceClaimBuilder()
                    .withNewMetadata()
                    .withNamespace(pod.namespace())
                    .withName("<extended-resources>")
                    .withUid("extended-resources/" + pod.uid())
                    .endMetadata()
                    .withNewSpec()
                    .withNewDevices()
                    .withRequests(wanted.requests())
                    .endDevices()
                    .endSpec()
                    .build();
            return new Extended(wanted, state.plan(claim));
        }
    }

    private boolean concerns(PodInfo pod) {
        return PodClaims.has(pod)
                || !state.ledger().extendedOf(pod.uid()).isEmpty()
                || !ExtendedRequests.of(pod, state.classes()::of).isEmpty();
    }

    private static boolean isUsable(ResourceClaim claim, Node node) {
        AllocationResult allocation = ClaimLedger.allocation(claim);
        NodeSelector selector = allocation == null ? null : allocation.getNodeSelector();
        return selector == null || NodeChoice.matches(selector, node);
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
        Prepared prepared;
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
            return switch (prepared.outcome(node)) {
                case Allocator.Outcome.Possible _ -> List.of();
                case Allocator.Outcome.Impossible impossible ->
                    List.of(new Rejection(NAME, impossible.reason(), false));
            };
        };
    }

    private Prepared prepared(PodInfo pod) throws UnallocatableException {
        last = null;
        state.ledger().forgetUntold(System.nanoTime());
        Prepared prepared = new Prepared(pod);
        last = prepared;
        return prepared;
    }

    private Prepared lastFor(PodInfo pod) throws UnallocatableException {
        Prepared known = last;
        return known != null && known.isGood(pod) ? known : prepared(pod);
    }

    /** Nodes where requests get what they like better are worth more. */
    @Override
    public @Nullable Rating prepare(PodInfo pod, ClusterState cluster, List<NodeState> candidates) {
        if (!concerns(pod)) {
            return null;
        }
        Prepared prepared;
        try {
            prepared = lastFor(pod);
        } catch (UnallocatableException e) {
            return null;
        }
        if (prepared.plans.stream().allMatch(plan -> plan.requests().stream().allMatch(all -> all.size() == 1))) {
            return null;
        }
        return new Rating() {
            @Override
            public long rate(NodeState node) {
                return prepared.outcome(node) instanceof Allocator.Outcome.Possible possible
                        ? DynamicResources.rate(prepared.plans, possible.chosen())
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
        Prepared prepared;
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
        switch (prepared.outcome(node)) {
            case Allocator.Outcome.Impossible impossible -> throw new ReservationException(impossible.reason());
            case Allocator.Outcome.Possible possible -> {
                for (int i = 0; i < prepared.plans.size(); i++) {
                    ResourceClaim claim = prepared.plans.get(i).claim();
                    allocations.put(
                            claim.getMetadata().getUid(), possible.allocations().get(i));
                }
                made = made(prepared, node, possible.allocations());
            }
        }
        if (made != null) {
            state.ledger().assume(made.assumed(), made.allocation());
        }
        List<ClaimReservation.Part> parts = new ArrayList<>();
        for (ResourceClaim claim : prepared.claims) {
            AllocationResult allocation = allocations.get(claim.getMetadata().getUid());
            if (allocation != null) {
                state.ledger().assume(claim, allocation);
            }
            parts.add(new ClaimReservation.Part(claim, allocation));
        }
        last = null;
        return parts.isEmpty() && made == null && !isToldOfExtended(pod)
                ? null
                : new ClaimReservation(pod, parts, made, clock, limits.binding(), state);
    }

    /** Whether the pod's status says of an earlier attempt that it has a claim for extended resources. */
    private static boolean isToldOfExtended(PodInfo pod) {
        return pod.pod().getStatus() != null && pod.pod().getStatus().getExtendedResourceClaimStatus() != null;
    }

    private static ClaimReservation.@Nullable Extended made(
            Prepared prepared, NodeState node, List<AllocationResult> allocations) throws ReservationException {
        try {
            Extended more = prepared.extended(node);
            return more == null
                    ? null
                    : new ClaimReservation.Extended(more.plan().claim(), more.wanted(), allocations.getLast());
        } catch (UnallocatableException e) {
            throw new ReservationException(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public @Nullable Step help(PodInfo pod, Decision.Impossible why) {
        if (!concerns(pod)) {
            return null;
        }
        for (ResourceClaim left : state.ledger().extendedOf(pod.uid())) {
            if (state.freed().add(left.getMetadata().getUid())) {
                return client -> {
                    try {
                        new ExtendedClaimWriter(client, pod).remove(left);
                    } finally {
                        state.freed().remove(left.getMetadata().getUid());
                    }
                };
            }
        }
        List<ResourceClaim> claims;
        try {
            claims = PodClaims.of(pod, state.ledger());
        } catch (UnallocatableException e) {
            return null;
        }
        for (ResourceClaim claim : claims) {
            boolean others = PodClaims.consumers(claim).stream()
                    .anyMatch(consumer -> !pod.uid().equals(consumer.getUid()));
            if (ClaimLedger.allocation(claim) != null
                    && !others
                    && why.rejections().keySet().stream().anyMatch(node -> !isUsable(claim, node.node()))
                    && state.freed().add(claim.getMetadata().getUid())) {
                return client -> {
                    try {
                        ResourceClaim _ = new ClaimWriter(client, pod).deallocate(claim);
                    } finally {
                        state.freed().remove(claim.getMetadata().getUid());
                    }
                };
            }
        }
        return null;
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
