package io.keelson.controllers.nodelifecycle;

import static io.keelson.controllers.nodelifecycle.NodeConditions.FALSE;
import static io.keelson.controllers.nodelifecycle.NodeConditions.TRUE;
import static io.keelson.controllers.nodelifecycle.NodeConditions.UNKNOWN;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Taints;
import java.util.ArrayList;
import java.util.List;

/** The {@code NoSchedule} taints that a node's conditions, and its being cordoned, mean. */
final class ConditionTaints {
    static final String NOT_READY = "node.kubernetes.io/not-ready";
    static final String UNREACHABLE = "node.kubernetes.io/unreachable";
    static final String UNSCHEDULABLE = "node.kubernetes.io/unschedulable";

    private static final List<Meaning> MEANINGS = List.of(
            new Meaning(NodeConditions.READY, FALSE, NOT_READY),
            new Meaning(NodeConditions.READY, UNKNOWN, UNREACHABLE),
            new Meaning("MemoryPressure", TRUE, "node.kubernetes.io/memory-pressure"),
            new Meaning("DiskPressure", TRUE, "node.kubernetes.io/disk-pressure"),
            new Meaning("NetworkUnavailable", TRUE, "node.kubernetes.io/network-unavailable"),
            new Meaning("PIDPressure", TRUE, "node.kubernetes.io/pid-pressure"));

    private record Meaning(String condition, String status, String taint) {}

    private ConditionTaints() {}

    /** What is to be done about a node's taints; the other taints of a node are its own. */
    static TaintChange change(Node node) {
        List<Taint> add = new ArrayList<>();
        List<Taint> remove = new ArrayList<>();
        for (Meaning meaning : MEANINGS) {
            boolean holds = meaning.status().equals(NodeConditions.status(node, meaning.condition()));
            (holds ? add : remove).add(TaintChange.taint(meaning.taint(), Taints.NO_SCHEDULE));
        }
        boolean cordoned = node.getSpec() != null && OrEmpty.of(node.getSpec().getUnschedulable());
        (cordoned ? add : remove).add(TaintChange.taint(UNSCHEDULABLE, Taints.NO_SCHEDULE));
        return new TaintChange(add, remove);
    }
}
