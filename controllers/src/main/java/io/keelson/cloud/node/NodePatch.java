package io.keelson.cloud.node;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.runtime.Patch;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes parts of Nodes, each time onto the version that it was computed from. */
final class NodePatch {
    private final KubernetesClient client;

    NodePatch(KubernetesClient client) {
        this.client = client;
    }

    /** Sets labels and parts of the spec; the Node as the API has it then. */
    Node write(Node node, Map<String, String> labels, Map<String, ?> spec) {
        return Patch.of(client, node).merge(guarded(node, labels, Map.of("spec", spec)));
    }

    /** Sets parts of the status; the Node as the API has it then. */
    Node status(Node node, Map<String, ?> status) {
        return Patch.of(client, node).status().merge(guarded(node, Map.of(), Map.of("status", status)));
    }

    /** A Node as it is now; null if it is gone, or another one has its name. */
    @Nullable
    Node fresh(Node node) {
        Node found = client.nodes().withName(node.getMetadata().getName()).get();
        boolean same = found != null
                && node.getMetadata().getUid().equals(found.getMetadata().getUid());
        return same ? found : null;
    }

    private static Map<String, Object> guarded(Node node, Map<String, String> labels, Map<String, ?> rest) {
        Map<String, Object> metadata = new HashMap<>();
        metadata.put("uid", node.getMetadata().getUid());
        metadata.put("resourceVersion", node.getMetadata().getResourceVersion());
        if (!labels.isEmpty()) {
            metadata.put("labels", labels);
        }
        Map<String, Object> patch = new HashMap<>(rest);
        patch.put("metadata", metadata);
        return patch;
    }
}
