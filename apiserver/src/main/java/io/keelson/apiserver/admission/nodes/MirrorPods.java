package io.keelson.apiserver.admission.nodes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.authz.NodeGraph;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The pods that a node may create: images of those it runs from its own disk. They belong to its Node, and name nothing
 * that it would then be allowed to read.
 */
final class MirrorPods {
    private static final String MIRROR = "kubernetes.io/config.mirror";

    private MirrorPods() {}

    /** What is wrong with a pod that a node creates, but for its owner's UID; null if nothing is. */
    static @Nullable String wrong(String node, JsonNode pod) {
        String quoted = "node \"" + node + "\"";
        if (ObjectMeta.annotation(pod, MIRROR) == null) {
            return "pod does not have \"" + MIRROR + "\" annotation, " + quoted + " can only create mirror pods";
        }
        if (!pod.path("spec").path("nodeName").asText().equals(node)) {
            return quoted + " can only create pods with spec.nodeName set to itself";
        }
        String wrongOwner = wrongOwner(node, ObjectMeta.ownerReferences(pod));
        if (wrongOwner != null) {
            return quoted + wrongOwner;
        }
        String named = named(pod);
        return named == null ? null : quoted + " can not create pods that reference " + named;
    }

    private static @Nullable String wrongOwner(String node, List<JsonNode> owners) {
        if (owners.size() > 1) {
            return " can only create pods with a single owner reference set to itself";
        }
        JsonNode owner = owners.isEmpty() ? null : owners.getFirst();
        if (owner == null
                || !owner.path("apiVersion").asText().equals("v1")
                || !owner.path("kind").asText().equals("Node")
                || !owner.path("name").asText().equals(node)) {
            return " can only create pods with an owner reference set to itself";
        }
        if (!owner.path("controller").asBoolean()) {
            return " can only create pods with a controller owner reference set to itself";
        }
        return owner.path("blockOwnerDeletion").asBoolean()
                ? " must not set blockOwnerDeletion on an owner reference"
                : null;
    }

    /** The UID of a pod's one owner. */
    static String ownerUid(ObjectNode pod) {
        return ObjectMeta.ownerReferences(pod).getFirst().path("uid").asText();
    }

    private static @Nullable String named(JsonNode pod) {
        Set<NodeGraph.Kind> named = NodeGraph.namedBy(pod);
        if (named.contains(NodeGraph.Kind.SERVICE_ACCOUNT)) {
            return "a service account";
        }
        if (named.contains(NodeGraph.Kind.SECRET)) {
            return "secrets";
        }
        if (named.contains(NodeGraph.Kind.CONFIG_MAP)) {
            return "configmaps";
        }
        JsonNode spec = pod.path("spec");
        for (JsonNode volume : spec.path("volumes")) {
            for (JsonNode source : volume.path("projected").path("sources")) {
                if (source.hasNonNull("clusterTrustBundle")) {
                    return "clustertrustbundles";
                }
            }
        }
        for (JsonNode volume : spec.path("volumes")) {
            if (volume.hasNonNull("persistentVolumeClaim")) {
                return "persistentvolumeclaims";
            }
        }
        return spec.path("resourceClaims").isEmpty() ? null : "resourceclaims";
    }
}
