package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a pod is as an endpoint of a Service: the rules that Endpoints and EndpointSlices share. */
public final class EndpointPods {
    private EndpointPods() {}

    /** Whether a pod is an endpoint at all: it has not ended and has an address. */
    public static boolean isEndpoint(Pod pod, boolean alsoTerminating) {
        return !Pods.isTerminal(pod) && !addresses(pod).isEmpty() && (alsoTerminating || !Pods.isTerminating(pod));
    }

    /** All addresses of a pod; what is no address is left out. */
    public static List<IpAddress> addresses(Pod pod) {
        if (pod.getStatus() == null) {
            return List.of();
        }
        List<IpAddress> addresses = new ArrayList<>();
        for (PodIP one : OrEmpty.of(pod.getStatus().getPodIPs())) {
            IpAddress address = IpAddress.parse(one.getIp());
            if (address != null) {
                addresses.add(address);
            }
        }
        if (addresses.isEmpty()) {
            IpAddress address = IpAddress.parse(pod.getStatus().getPodIP());
            if (address != null) {
                addresses.add(address);
            }
        }
        return addresses;
    }

    /** The name that a pod gives itself under a Service, {@code subdomain/hostname}; null if it gives none. */
    static @Nullable String hostname(Pod pod) {
        String hostname = pod.getSpec() == null ? "" : OrEmpty.of(pod.getSpec().getHostname());
        return hostname.isEmpty() ? null : OrEmpty.of(pod.getSpec().getSubdomain()) + '/' + hostname;
    }

    /** The host name of a pod in a Service that is its subdomain; null if the Service is not, or the pod has none. */
    public static @Nullable String hostname(Pod pod, Service service) {
        if (pod.getSpec() == null
                || OrEmpty.of(pod.getSpec().getHostname()).isEmpty()
                || !service.getMetadata().getName().equals(pod.getSpec().getSubdomain())) {
            return null;
        }
        return pod.getSpec().getHostname();
    }

    /** The number of the port that a Service's port leads to; null if the pod has no such port. */
    public static @Nullable Integer port(Pod pod, ServicePort port) {
        IntOrString target = port.getTargetPort();
        if (target == null) {
            return port.getPort();
        }
        if (target.getStrVal() == null) {
            return target.getIntVal();
        }
        if (pod.getSpec() == null) {
            return null;
        }
        for (Container container : OrEmpty.of(pod.getSpec().getContainers())) {
            Integer number = port(container, target.getStrVal(), protocol(port));
            if (number != null) {
                return number;
            }
        }
        for (Container sidecar : OrEmpty.of(pod.getSpec().getInitContainers())) {
            Integer number = port(sidecar, target.getStrVal(), protocol(port));
            if (number != null && "Always".equals(sidecar.getRestartPolicy())) {
                return number;
            }
        }
        return null;
    }

    private static @Nullable Integer port(Container container, String name, String protocol) {
        for (ContainerPort port : OrEmpty.of(container.getPorts())) {
            String own = OrEmpty.of(port.getProtocol());
            if (name.equals(port.getName()) && protocol.equals(own.isEmpty() ? "TCP" : own)) {
                return port.getContainerPort();
            }
        }
        return null;
    }

    /** The protocol of a Service's port; one that says none speaks TCP. */
    public static String protocol(ServicePort port) {
        String protocol = OrEmpty.of(port.getProtocol());
        return protocol.isEmpty() ? "TCP" : protocol;
    }

    /** What an endpoint says of the pod behind it. */
    public static ObjectReference reference(Pod pod) {
        return new ObjectReferenceBuilder()
                .withKind("Pod")
                .withNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .withUid(pod.getMetadata().getUid())
                .build();
    }

    /** Whether a Service has no address of its own. */
    public static boolean isHeadless(Service service) {
        String address =
                service.getSpec() == null ? "" : OrEmpty.of(service.getSpec().getClusterIP());
        return address.isEmpty() || address.equals("None");
    }

    /** The families that a Service serves, {@code IPv4} and {@code IPv6}; the one it prefers first. */
    public static List<String> families(Service service) {
        List<String> families = service.getSpec() == null
                ? List.of()
                : OrEmpty.of(service.getSpec().getIpFamilies());
        if (!families.isEmpty()) {
            return families.stream()
                    .filter(family -> family.equals("IPv4") || family.equals("IPv6"))
                    .distinct()
                    .toList();
        }
        IpAddress address = service.getSpec() == null
                ? null
                : IpAddress.parse(service.getSpec().getClusterIP());
        return address == null ? List.of("IPv4", "IPv6") : List.of(address.family());
    }

    /** Whether addresses are published of pods that are not ready. */
    public static boolean publishesNotReady(Service service) {
        return service.getSpec() != null && OrEmpty.of(service.getSpec().getPublishNotReadyAddresses());
    }
}
