package io.keelson.agent.environment;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.keelson.controllers.objects.OrEmpty;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The variables by which a container finds services: {@code REDIS_MASTER_SERVICE_HOST}, {@code
 * REDIS_MASTER_SERVICE_PORT}, {@code REDIS_MASTER_SERVICE_PORT_NAME} for a port with a name, and those of Docker's
 * links, {@code REDIS_MASTER_PORT}, {@code REDIS_MASTER_PORT_6379_TCP} and what follows from it.
 */
final class ServiceVariables {
    private static final String MASTER_NAMESPACE = "default";
    private static final String MASTER = "kubernetes";

    private ServiceVariables() {}

    /**
     * The variables of the services that a pod sees: those of its namespace if it wants links, and {@code kubernetes}
     * always, which is that of the namespace {@code default} unless the pod's own has one.
     */
    static Map<String, String> of(ServiceLookup services, String namespace, boolean links) {
        Map<String, Service> seen = new TreeMap<>();
        Service master = services.find(MASTER_NAMESPACE, MASTER);
        if (master != null && hasAddress(master)) {
            seen.put(MASTER, master);
        }
        if (links) {
            for (Service service : services.in(namespace)) {
                if (hasAddress(service)) {
                    seen.put(service.getMetadata().getName(), service);
                }
            }
        }
        Map<String, String> variables = new LinkedHashMap<>();
        seen.values().forEach(service -> add(service, variables));
        return variables;
    }

    private static boolean hasAddress(Service service) {
        String address =
                service.getSpec() == null ? "" : OrEmpty.of(service.getSpec().getClusterIP());
        return !address.isEmpty()
                && !"None".equals(address)
                && !OrEmpty.of(service.getSpec().getPorts()).isEmpty();
    }

    private static void add(Service service, Map<String, String> variables) {
        String name = variable(service.getMetadata().getName());
        String address = service.getSpec().getClusterIP();
        List<ServicePort> ports = service.getSpec().getPorts();
        variables.put(name + "_SERVICE_HOST", address);
        variables.put(name + "_SERVICE_PORT", String.valueOf(ports.getFirst().getPort()));
        for (ServicePort port : ports) {
            if (!OrEmpty.of(port.getName()).isEmpty()) {
                variables.put(name + "_SERVICE_PORT_" + variable(port.getName()), String.valueOf(port.getPort()));
            }
        }
        String host = address.indexOf(':') < 0 ? address : '[' + address + ']';
        for (ServicePort port : ports) {
            String protocol = OrEmpty.of(port.getProtocol()).isEmpty() ? "TCP" : port.getProtocol();
            String lower = protocol.toLowerCase(Locale.ROOT);
            String url = lower + "://" + host + ':' + port.getPort();
            variables.putIfAbsent(name + "_PORT", url);
            String prefix = name + "_PORT_" + port.getPort() + '_' + protocol.toUpperCase(Locale.ROOT);
            variables.put(prefix, url);
            variables.put(prefix + "_PROTO", lower);
            variables.put(prefix + "_PORT", String.valueOf(port.getPort()));
            variables.put(prefix + "_ADDR", address);
        }
    }

    private static String variable(String name) {
        return name.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
