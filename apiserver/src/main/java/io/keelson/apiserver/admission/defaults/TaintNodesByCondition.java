package io.keelson.apiserver.admission.defaults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.kinds.common.Fill;

/** Keeps pods off new nodes until a controller has seen that they are ready. */
public final class TaintNodesByCondition implements AdmissionPlugin {
    private static final String NOT_READY = "node.kubernetes.io/not-ready";
    private static final String EFFECT = "NoSchedule";

    @Override
    public String name() {
        return "TaintNodesByCondition";
    }

    @Override
    public void mutate(AdmissionRequest request) {
        boolean concerned = request.operation() == Operation.CREATE && request.concerns("", "nodes");
        ObjectNode node = concerned ? request.object() : null;
        if (node == null) {
            return;
        }
        for (JsonNode taint : node.path("spec").path("taints")) {
            if (taint.path("key").asText().equals(NOT_READY)
                    && taint.path("effect").asText().equals(EFFECT)) {
                return;
            }
        }
        Fill.list(Fill.object(node, "spec"), "taints")
                .addObject()
                .put("key", NOT_READY)
                .put("effect", EFFECT);
    }
}
