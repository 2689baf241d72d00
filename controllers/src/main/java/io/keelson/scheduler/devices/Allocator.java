package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.resource.v1.AllocationResult;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Says which devices claims can have on a node: a function of the plans, the pools and what is in use. */
final class Allocator {
    private static final String NOT_ENOUGH = "cannot allocate all claims";
    private static final String TOO_LONG = "timed out trying to allocate devices";

    private Allocator() {}

    /** What came of it. */
    sealed interface Outcome {
        /**
         * There are enough devices.
         *
         * @param allocations for each claim, as it is to be written
         * @param chosen for each claim, the same
         */
        record Possible(List<AllocationResult> allocations, List<List<ChosenDevice>> chosen) implements Outcome {}

        /** There are not, or nobody knows; the reason is one that users read. */
        record Impossible(String reason) implements Outcome {}
    }

    /**
     * Allocates claims together.
     *
     * @param pools that the node may use devices of, in the order in which they are tried
     * @param limit of one decision, for whichever node
     */
    static Outcome allocate(
            List<ClaimPlan> plans, List<DevicePool> pools, Node node, DeviceUsage usage, StepLimit limit) {
        limit.nextNode();
        AllocationSearch search = new AllocationSearch(plans, pools, node, usage, limit);
        List<List<ChosenDevice>> chosen;
        try {
            chosen = search.find();
        } catch (StepLimit.ReachedException e) {
            return new Outcome.Impossible(TOO_LONG);
        }
        if (chosen == null) {
            String problem = OrEmpty.of(search.problem());
            return new Outcome.Impossible(problem.isEmpty() ? NOT_ENOUGH : problem);
        }
        List<AllocationResult> allocations = new ArrayList<>();
        for (int i = 0; i < plans.size(); i++) {
            allocations.add(AllocationText.of(
                    plans.get(i), chosen.get(i), node, () -> UUID.randomUUID().toString()));
        }
        return new Outcome.Possible(allocations, chosen);
    }
}
