package io.keelson.controllers.nodelifecycle;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.keelson.controllers.objects.OrEmpty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a node says of itself. */
final class NodeConditions {
    static final String READY = "Ready";
    static final String TRUE = "True";
    static final String FALSE = "False";
    static final String UNKNOWN = "Unknown";

    private NodeConditions() {}

    static List<NodeCondition> of(Node node) {
        return node.getStatus() == null
                ? List.of()
                : OrEmpty.of(node.getStatus().getConditions());
    }

    /** The first condition of a type; null if there is none. */
    static @Nullable NodeCondition of(Node node, String type) {
        for (NodeCondition condition : of(node)) {
            if (type.equals(condition.getType())) {
                return condition;
            }
        }
        return null;
    }

    /** The status of a condition; null if there is no such condition. */
    static @Nullable String status(Node node, String type) {
        NodeCondition condition = of(node, type);
        return condition == null ? null : OrEmpty.of(condition.getStatus());
    }
}
