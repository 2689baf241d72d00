package io.keelson.controllers.nodelifecycle;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.runtime.Patch;
import java.net.HttpURLConnection;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes taints and labels of nodes, each write only onto the version that it was computed from. */
final class NodeWriter {
    private static final int TRIES = 5;

    private final KubernetesClient client;
    private final InstantSource time;

    NodeWriter(KubernetesClient client, InstantSource time) {
        this.client = client;
        this.time = time;
    }

    /** Changes the taints of this very node; if somebody else wrote in between, on what that made of it. */
    void taints(Node node, TaintChange change) {
        @Nullable Node current = node;
        for (int tries = 1; current != null; tries++) {
            try {
                write(current, change, Map.of());
                return;
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT || tries == TRIES) {
                    throw e;
                }
                current = fresh(node);
            }
        }
    }

    /** The node as it is now; null if it is gone, or another one has its name. */
    @Nullable
    Node fresh(Node node) {
        Node found = client.nodes().withName(node.getMetadata().getName()).get();
        return found != null
                        && node.getMetadata()
                                .getUid()
                                .equals(found.getMetadata().getUid())
                ? found
                : null;
    }

    /**
     * Changes taints and labels.
     *
     * @throws KubernetesClientException with a conflict if the node is not as it was
     */
    void write(Node node, TaintChange change, Map<String, String> labels) {
        List<Taint> taints = change.appliedTo(node, time.instant());
        boolean sameTaints = taints.equals(TaintChange.of(node));
        if (sameTaints && labels.isEmpty()) {
            return;
        }
        Map<String, Object> metadata = new HashMap<>();
        metadata.put("uid", node.getMetadata().getUid());
        metadata.put("resourceVersion", node.getMetadata().getResourceVersion());
        Map<String, Object> patch = new HashMap<>();
        patch.put("metadata", metadata);
        if (!labels.isEmpty()) {
            metadata.put("labels", labels);
        }
        if (!sameTaints) {
            patch.put("spec", Map.of("taints", taints));
        }
        try {
            Patch.of(client, node).merge(patch);
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }
}
