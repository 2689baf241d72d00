package io.keelson.controllers.resourcequota;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.keelson.controllers.objects.Amount;
import io.keelson.controllers.objects.OrEmpty;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Counts services, and those of them that have load balancers, and their ports of nodes. */
final class ServiceMeasure implements Measure<Service> {
    private static final Set<String> NAMES =
            Set.of("count/services", "services", "services.nodeports", "services.loadbalancers");

    @Override
    public boolean measures(String resource) {
        return NAMES.contains(resource);
    }

    @Override
    public Map<String, Amount> usage(Service service) {
        ServiceSpec spec = service.getSpec();
        boolean balanced = spec != null && "LoadBalancer".equals(spec.getType());
        return Map.of(
                "count/services",
                Amount.ONE,
                "services",
                Amount.ONE,
                "services.nodeports",
                Amount.of(spec == null ? 0 : nodePorts(spec, balanced)),
                "services.loadbalancers",
                Amount.of(balanced ? 1 : 0));
    }

    private static long nodePorts(ServiceSpec spec, boolean balanced) {
        List<ServicePort> ports = OrEmpty.of(spec.getPorts());
        if (balanced && Boolean.FALSE.equals(spec.getAllocateLoadBalancerNodePorts())) {
            // It has only those that it asks for by number.
            return ports.stream()
                    .filter(port -> OrEmpty.of(port.getNodePort()) != 0)
                    .count();
        }
        return balanced || "NodePort".equals(spec.getType()) ? ports.size() : 0;
    }

    @Override
    public boolean isIn(Scope scope, Service service) {
        return false;
    }
}
