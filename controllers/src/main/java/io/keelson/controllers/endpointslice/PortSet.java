package io.keelson.controllers.endpointslice;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import io.keelson.controllers.objects.EndpointPods;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The ports of a slice, whatever their order: two slices with equal sets can hold the same endpoints.
 *
 * @param ports sorted
 */
public record PortSet(List<Port> ports) {
    private static final Comparator<Port> ORDER = Comparator.comparing(Port::name)
            .thenComparing(Port::protocol)
            .thenComparing(Port::number, Comparator.nullsFirst(Comparator.naturalOrder()))
            .thenComparing(Port::appProtocol, Comparator.nullsFirst(Comparator.naturalOrder()));

    public PortSet {
        ports = ports.stream().sorted(ORDER).toList();
    }

    /**
     * One port.
     *
     * @param name empty for one without a name
     * @param number null for all of them
     */
    public record Port(
            String name,
            String protocol,
            @Nullable Integer number,
            @Nullable String appProtocol) {}

    /** The ports that a Service has at a pod; those that the pod does not have are left out. */
    static PortSet of(Service service, Pod pod) {
        List<Port> ports = new ArrayList<>();
        for (ServicePort port : OrEmpty.of(service.getSpec().getPorts())) {
            Integer number = EndpointPods.port(pod, port);
            if (number != null) {
                ports.add(new Port(
                        OrEmpty.of(port.getName()), EndpointPods.protocol(port), number, port.getAppProtocol()));
            }
        }
        return new PortSet(ports);
    }

    /** The ports that a slice has. */
    public static PortSet of(@Nullable List<EndpointPort> ports) {
        return new PortSet(OrEmpty.of(ports).stream()
                .map(port -> new Port(
                        OrEmpty.of(port.getName()),
                        port.getProtocol() == null ? "TCP" : port.getProtocol(),
                        port.getPort(),
                        port.getAppProtocol()))
                .toList());
    }

    /** As a slice has them. */
    public List<EndpointPort> toPorts() {
        return ports.stream()
                .map(port -> new EndpointPortBuilder()
                        .withName(port.name())
                        .withProtocol(port.protocol())
                        .withPort(port.number())
                        .withAppProtocol(port.appProtocol())
                        .build())
                .toList();
    }
}
