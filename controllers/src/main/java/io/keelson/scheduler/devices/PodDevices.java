package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.resource.v1.AllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimBuilder;
import io.keelson.controllers.objects.NodeChoice;
import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The claims of a pod, and what nodes can do for them; with them the claim that is to be made for its extended resources,
 * which depends on what a node has itself. What was worked out for a node is remembered, and good while the devices and
 * claims of the cluster are as they were. Owned by the thread that owns the state.
 */
final class PodDevices {
    private static final Allocator.Outcome NOTHING = new Allocator.Outcome.Possible(List.of(), List.of());

    private final PodInfo pod;
    private final DeviceState state;
    private final DeviceState.Version version;
    private final List<ResourceClaim> claims;
    private final List<ClaimPlan> plans = new ArrayList<>();
    private final ExtendedRequests requests;
    private final StepLimit limit;
    /** By the extended resources that come from devices. */
    private final Map<Set<String>, Extended> extended = new HashMap<>();

    private final Map<String, Offer> offers = new HashMap<>();

    /**
     * The claim that is made for extended resources, should the pod go where they are devices.
     *
     * @param plan of the claim as it is until it is made
     */
    record Extended(ExtendedRequests.Wanted wanted, ClaimPlan plan) {}

    /**
     * What a node can do.
     *
     * @param outcome for the plans, and for that of the claim that is to be made after them
     * @param extended the claim that is to be made; null for none
     */
    record Offer(Allocator.Outcome outcome, @Nullable Extended extended) {}

    /**
     * Reads the claims of a pod.
     *
     * @param perNode how long devices may be looked for on one node; zero for no limit
     * @throws UnallocatableException if no node can do anything for them
     */
    PodDevices(PodInfo pod, DeviceState state, Duration perNode) throws UnallocatableException {
        this.pod = pod;
        this.state = state;
        version = state.version();
        limit = new StepLimit(perNode, System::nanoTime);
        if (!state.ledger().extendedOf(pod.uid()).isEmpty()) {
            throw new UnallocatableException("cannot schedule extended resource claim");
        }
        requests = ExtendedRequests.of(pod, state.classes()::of);
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

    /** Whether a pod has claims, or extended resources that devices can stand for, or had such a claim made. */
    static boolean concern(PodInfo pod, DeviceState state) {
        return PodClaims.has(pod)
                || !state.ledger().extendedOf(pod.uid()).isEmpty()
                || !ExtendedRequests.of(pod, state.classes()::of).isEmpty();
    }

    /** Whether it is still good for a pod. */
    boolean isGood(PodInfo asked) {
        return pod.uid().equals(asked.uid()) && version.equals(state.version());
    }

    /** The claims that there are, each once. */
    List<ResourceClaim> claims() {
        return claims;
    }

    /** What those of them that are not allocated ask for. */
    List<ClaimPlan> plans() {
        return plans;
    }

    /** Whether all claims that are allocated can be used from a node. */
    boolean isUsableFrom(NodeState node) {
        if (claims.isEmpty()) {
            return true;
        }
        Node object = node.node();
        return claims.stream().allMatch(claim -> isUsable(claim, object));
    }

    /** Whether a claim can be used from a node, as far as it is allocated. */
    static boolean isUsable(ResourceClaim claim, Node node) {
        AllocationResult allocation = ClaimLedger.allocation(claim);
        NodeSelector selector = allocation == null ? null : allocation.getNodeSelector();
        return selector == null || NodeChoice.matches(selector, node);
    }

    /** What a node can do for what is not allocated. */
    Offer offer(NodeState node) {
        return offers.computeIfAbsent(node.name(), name -> {
            Extended more;
            try {
                more = extended(node);
            } catch (UnallocatableException e) {
                return new Offer(new Allocator.Outcome.Impossible(String.valueOf(e.getMessage())), null);
            }
            List<ClaimPlan> all = new ArrayList<>(plans);
            if (more != null) {
                all.add(more.plan());
            }
            return new Offer(all.isEmpty() ? NOTHING : allocate(all, node), more);
        });
    }

    private Allocator.Outcome allocate(List<ClaimPlan> all, NodeState node) {
        List<DevicePool> pools = state.inventory().poolsFor(node.name());
        return Allocator.allocate(all, pools, node.node(), state.ledger().usage(), limit);
    }

    /** What the pod gets as devices on a node, of what the node has not itself; null for nothing. */
    private @Nullable Extended extended(NodeState node) throws UnallocatableException {
        Set<String> missing = new HashSet<>();
        for (String resource : requests.classes().keySet()) {
            if (node.allocatable(resource) == 0) {
                missing.add(resource);
            }
        }
        if (missing.isEmpty()) {
            return null;
        }
        Extended known = extended.get(missing);
        if (known == null) {
            ExtendedRequests.Wanted wanted = requests.of(missing);
            known = new Extended(wanted, state.plan(assumed(wanted)));
            extended.put(missing, known);
        }
        return known;
    }

    /** The claim until it is made: no claim of the API has such a name. */
    private ResourceClaim assumed(ExtendedRequests.Wanted wanted) {
        return new ResourceClaimBuilder()
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
    }
}
