package io.keelson.apiserver.admission.defaults;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.List;

/**
 * Lets pods know in which zone and region they run: what the labels of their node say about it is put on the binding, whose
 * labels become the pod's, or on a pod that is created on a node. A node that is not there is no reason to refuse.
 */
public final class PodTopologyLabels implements AdmissionPlugin {
    private static final List<String> LABELS = List.of("topology.kubernetes.io/zone", "topology.kubernetes.io/region");

    private final ObjectLookup objects;

    public PodTopologyLabels(ObjectLookup objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "PodTopologyLabels";
    }

    @Override
    public void mutate(AdmissionRequest request) throws InterruptedException {
        ObjectNode object = request.object();
        boolean pods = request.resource().name().resource().equals("pods")
                && request.resource().name().group().isEmpty();
        if (!pods || object == null || request.operation() != Operation.CREATE) {
            return;
        }
        switch (request.subresource()) {
            case "" -> label(object, object.path("spec").path("nodeName").asText(""));
            case "binding" -> {
                String kind = object.path("target").path("kind").asText("");
                if (kind.isEmpty() || kind.equals("Node")) {
                    label(object, object.path("target").path("name").asText(""));
                }
            }
            default -> {
                // Nothing else puts a pod on a node.
            }
        }
    }

    private void label(ObjectNode object, String nodeName) throws InterruptedException {
        ObjectNode node = nodeName.isEmpty() ? null : objects.recent("", "nodes", "", nodeName);
        if (node == null) {
            return;
        }
        for (String key : LABELS) {
            String value = ObjectMeta.label(node, key);
            if (value != null) {
                ObjectMeta.setLabel(object, key, value);
            }
        }
    }
}
