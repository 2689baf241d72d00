package io.keelson.apiserver.admission.quota;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.object.Quantity;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Counts services, and those of them that have ports of the nodes or load balancers. Their type may change. */
final class ServiceEvaluator implements Evaluator {
    private static final Set<String> NAMES =
            Set.of("count/services", "services", "services.nodeports", "services.loadbalancers");

    @Override
    public boolean handles(AdmissionRequest request) {
        return request.subresource().isEmpty()
                && (request.operation() == Operation.CREATE || request.operation() == Operation.UPDATE);
    }

    @Override
    public Map<String, Quantity> usage(JsonNode service) {
        JsonNode spec = service.path("spec");
        boolean balanced = spec.path("type").asText().equals("LoadBalancer");
        Map<String, Quantity> usage = new TreeMap<>();
        usage.put("count/services", Amounts.ONE);
        usage.put("services", Amounts.ONE);
        usage.put("services.nodeports", Amounts.count(nodePorts(spec, balanced)));
        usage.put("services.loadbalancers", Amounts.count(balanced ? 1 : 0));
        return usage;
    }

    /** Those that it gets; which they are need not be known yet. */
    private static long nodePorts(JsonNode spec, boolean balanced) {
        if (balanced && !spec.path("allocateLoadBalancerNodePorts").asBoolean(true)) {
            return spec.path("ports")
                    .valueStream()
                    .filter(port -> port.path("nodePort").asLong() != 0)
                    .count();
        }
        return balanced || spec.path("type").asText().equals("NodePort")
                ? spec.path("ports").size()
                : 0;
    }

    @Override
    public boolean uses(String name) {
        return NAMES.contains(name);
    }
}
