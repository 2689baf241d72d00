package io.keelson.controllers.nodelifecycle;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** What is said in a node's place when it does not speak any more. */
final class LostContact {
    static final String NEVER_UPDATED = "NodeStatusNeverUpdated";
    static final String STOPPED = "NodeStatusUnknown";

    private static final String NEVER_UPDATED_MESSAGE = "Kubelet never posted node status.";
    private static final String STOPPED_MESSAGE = "Kubelet stopped posting node status.";
    private static final List<String> TYPES =
            List.of(NodeConditions.READY, "MemoryPressure", "DiskPressure", "PIDPressure");

    private LostContact() {}

    /**
     * The conditions of a node that is lost: those that it reports are unknown, the others stay.
     *
     * @return equal to those that it has if it says so already
     */
    static List<NodeCondition> conditions(Node node, Instant now) {
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        List<NodeCondition> conditions = new ArrayList<>(NodeConditions.of(node));
        for (String type : TYPES) {
            NodeCondition known = NodeConditions.of(node, type);
            if (known == null) {
                conditions.add(new NodeConditionBuilder()
                        .withType(type)
                        .withStatus(NodeConditions.UNKNOWN)
                        .withReason(NEVER_UPDATED)
                        .withMessage(NEVER_UPDATED_MESSAGE)
                        .withLastHeartbeatTime(node.getMetadata().getCreationTimestamp())
                        .withLastTransitionTime(time)
                        .build());
            } else if (!NodeConditions.UNKNOWN.equals(known.getStatus())) {
                conditions.set(
                        conditions.indexOf(known),
                        new NodeConditionBuilder(known)
                                .withStatus(NodeConditions.UNKNOWN)
                                .withReason(STOPPED)
                                .withMessage(STOPPED_MESSAGE)
                                .withLastTransitionTime(time)
                                .build());
            }
        }
        return conditions;
    }
}
