package io.keelson.proxy;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Key;
import io.keelson.proxy.rules.Endpoint;
import io.keelson.proxy.rules.Family;
import io.keelson.proxy.rules.NodeView;
import io.keelson.proxy.rules.PortRules;
import io.keelson.proxy.rules.ServicePort;
import io.keelson.proxy.rules.ServicePortName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Services and their endpoints as the API had them last: what matters of them, by Service. Belongs to one thread. */
final class ObservedServices {
    private final String node;
    private final Map<Key, Map<Family, List<ServicePort>>> services = new HashMap<>();
    private final Map<Key, Map<String, Map<ServicePortName, List<Endpoint>>>> slices = new HashMap<>();
    private final Map<Key, Key> serviceOfSlice = new HashMap<>();

    /** @param node whose endpoints are local */
    ObservedServices(String node) {
        this.node = node;
    }

    /**
     * A Service as it is.
     *
     * @param service null if it is gone
     * @return the Services whose rules may differ
     */
    Set<Key> put(Key key, @Nullable Service service) {
        Map<Family, List<ServicePort>> ports = new HashMap<>();
        if (service != null) {
            for (Family family : Family.values()) {
                List<ServicePort> own = ServicePort.of(service, family);
                if (!own.isEmpty()) {
                    ports.put(family, own);
                }
            }
        }
        Map<Family, List<ServicePort>> before = ports.isEmpty() ? services.remove(key) : services.put(key, ports);
        return ports.equals(before == null ? Map.of() : before) ? Set.of() : Set.of(key);
    }

    /**
     * A slice of endpoints as it is.
     *
     * @param slice null if it is gone
     * @return the Services whose rules may differ
     */
    Set<Key> putSlice(Key key, @Nullable EndpointSlice slice) {
        Set<Key> changed = new HashSet<>();
        String label = slice == null
                ? ""
                : OrEmpty.of(OrEmpty.of(slice.getMetadata().getLabels()).get(Endpoint.SERVICE_LABEL));
        Key service = label.isEmpty() ? null : new Key(key.namespace(), label);
        Key before = service == null ? serviceOfSlice.remove(key) : serviceOfSlice.put(key, service);
        if (before != null && !before.equals(service)) {
            Map<String, Map<ServicePortName, List<Endpoint>>> all = slices.get(before);
            if (all != null && all.remove(key.name()) != null && all.isEmpty()) {
                slices.remove(before);
            }
            changed.add(before);
        }
        if (slice != null && service != null) {
            Map<ServicePortName, List<Endpoint>> endpoints = Endpoint.of(slice, service, node);
            Map<ServicePortName, List<Endpoint>> had =
                    slices.computeIfAbsent(service, _ -> new HashMap<>()).put(key.name(), endpoints);
            if (!endpoints.equals(had)) {
                changed.add(service);
            }
        }
        return changed;
    }

    /** All Services there are. */
    Set<Key> all() {
        return Set.copyOf(services.keySet());
    }

    /** The ports of a Service in a family. */
    List<ServicePort> ports(Key service, Family family) {
        return services.getOrDefault(service, Map.of()).getOrDefault(family, List.of());
    }

    /** The rules of a Service's ports in a family. */
    List<PortRules> rules(Key service, Family family, NodeView view) {
        List<PortRules> rules = new ArrayList<>();
        for (ServicePort port : ports(service, family)) {
            rules.add(PortRules.of(port, endpoints(port.name(), family), view));
        }
        return rules;
    }

    private List<Endpoint> endpoints(ServicePortName port, Family family) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (Map<ServicePortName, List<Endpoint>> slice :
                slices.getOrDefault(port.service(), Map.of()).values()) {
            for (Endpoint endpoint : slice.getOrDefault(port, List.of())) {
                if (Family.of(endpoint.destination().address()) == family) {
                    endpoints.add(endpoint);
                }
            }
        }
        return endpoints;
    }

    /**
     * Where balancers ask for a Service's health, and how many endpoints are ready here; 0 for where if they do not.
     *
     * @param port a number of the node's
     * @param endpoints how many addresses of endpoints
     */
    record HealthCheck(int port, int endpoints) {}

    /** What balancers are to be told of a Service; null if they do not ask. */
    @Nullable
    HealthCheck healthCheck(Key service) {
        Map<Family, List<ServicePort>> families = services.getOrDefault(service, Map.of());
        int checked = 0;
        Set<IpAddress> ready = new HashSet<>();
        for (Map.Entry<Family, List<ServicePort>> family : families.entrySet()) {
            for (ServicePort port : family.getValue()) {
                if (port.healthCheckPort() != 0) {
                    checked = port.healthCheckPort();
                    for (Endpoint endpoint : endpoints(port.name(), family.getKey())) {
                        if (endpoint.isReady() && endpoint.isLocal()) {
                            ready.add(endpoint.destination().address());
                        }
                    }
                }
            }
        }
        return checked == 0 ? null : new HealthCheck(checked, ready.size());
    }
}
