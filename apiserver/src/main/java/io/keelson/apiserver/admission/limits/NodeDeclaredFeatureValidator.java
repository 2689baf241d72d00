package io.keelson.apiserver.admission.limits;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Lets a pod that is on a node change only in ways that the node can follow: features that the change needs have to be
 * among those that the node declares in its status. A node that is too old to know a feature does not declare it.
 *
 * <p>Of the features that nodes of Kubernetes 1.36 declare, only those for resizing are needed by changes; the others are
 * needed by fields of a pod that stay as they are, and are a matter of scheduling.
 */
public final class NodeDeclaredFeatureValidator implements AdmissionPlugin {
    private static final String WHOLE_POD = "InPlacePodLevelResourcesVerticalScaling";
    private static final String INIT_CONTAINERS = "InPlacePodVerticalScalingInitContainers";

    private final ObjectLookup objects;

    public NodeDeclaredFeatureValidator(ObjectLookup objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "NodeDeclaredFeatureValidator";
    }

    @Override
    public void validate(AdmissionRequest request) throws InterruptedException {
        boolean concerned =
                request.subresource().isEmpty() || request.subresource().equals(BoundPodChange.RESIZE);
        BoundPodChange change = concerned ? BoundPodChange.of(request) : null;
        if (change == null) {
            return;
        }
        List<String> needed = needed(change);
        if (needed.isEmpty()) {
            return;
        }
        ObjectNode node = change.node(request, objects);
        Set<String> declared = new HashSet<>();
        node.path("status").path("declaredFeatures").forEach(feature -> declared.add(feature.asText("")));
        needed.removeAll(declared);
        if (!needed.isEmpty()) {
            throw request.forbidden("pod update requires features " + String.join(", ", needed)
                    + " which are not available on node \"" + ObjectMeta.name(node) + "\"");
        }
    }

    /** The features that a change needs, in the order of their names. */
    private static List<String> needed(BoundPodChange change) {
        JsonNode spec = change.pod().path("spec");
        JsonNode before = change.old().path("spec");
        List<String> needed = new ArrayList<>();
        if (!SemanticEquality.equal(spec.path("resources"), before.path("resources"))) {
            needed.add(WHOLE_POD);
        }
        if (initContainersChange(spec.path("initContainers"), before.path("initContainers"))) {
            needed.add(INIT_CONTAINERS);
        }
        return needed;
    }

    /** Sidecars run as long as the pod does and are resized like its other containers. */
    private static boolean initContainersChange(JsonNode containers, JsonNode before) {
        for (int i = 0; i < before.size(); i++) {
            boolean sidecar = before.path(i).path("restartPolicy").asText("").equals("Always");
            if (!sidecar
                    && !SemanticEquality.equal(
                            containers.path(i).path("resources"), before.path(i).path("resources"))) {
                return true;
            }
        }
        return false;
    }
}
