package io.keelson.controllers.endpointslice;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.keelson.controllers.objects.EndpointPods;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints that a Service is to have, by address family and ports.
 *
 * @param byFamily families without an endpoint have no entry
 * @param homeless what is to be said of pods whose node is not there; they are left out
 */
record PodEndpoints(Map<String, Map<PortSet, Map<EndpointIdentity, Endpoint>>> byFamily, List<String> homeless) {
    private static final String ZONE = "topology.kubernetes.io/zone";

    /** Computes them from the pods that a Service selects. */
    static PodEndpoints of(Service service, Collection<Pod> pods, Function<String, @Nullable Node> nodes) {
        Map<String, Map<PortSet, Map<EndpointIdentity, Endpoint>>> byFamily = new LinkedHashMap<>();
        List<String> homeless = new ArrayList<>();
        List<String> families = EndpointPods.families(service);
        for (Pod pod : pods) {
            if (!EndpointPods.isEndpoint(pod, true)) {
                continue;
            }
            String nodeName = Pods.node(pod);
            Node node = nodeName.isEmpty() ? null : nodes.apply(nodeName);
            if (node == null && !EndpointPods.publishesNotReady(service)) {
                homeless.add("skipping Pod " + pod.getMetadata().getName() + " for Service "
                        + service.getMetadata().getNamespace() + '/'
                        + service.getMetadata().getName() + ": Node " + nodeName + " Not Found");
                continue;
            }
            PortSet ports = PortSet.of(service, pod);
            for (String family : families) {
                List<String> addresses = EndpointPods.addresses(pod).stream()
                        .filter(address -> address.family().equals(family))
                        .map(IpAddress::toString)
                        .toList();
                if (!addresses.isEmpty()) {
                    Endpoint endpoint = endpoint(service, pod, node, addresses);
                    byFamily.computeIfAbsent(family, ignored -> new LinkedHashMap<>())
                            .computeIfAbsent(ports, ignored -> new LinkedHashMap<>())
                            .put(EndpointIdentity.of(endpoint), endpoint);
                }
            }
        }
        return new PodEndpoints(byFamily, homeless);
    }

    private static Endpoint endpoint(Service service, Pod pod, @Nullable Node node, List<String> addresses) {
        boolean serving = Pods.isReady(pod);
        boolean terminating = Pods.isTerminating(pod);
        String nodeName = Pods.node(pod);
        String zone =
                node == null ? null : OrEmpty.of(node.getMetadata().getLabels()).get(ZONE);
        return new EndpointBuilder()
                .withAddresses(addresses)
                .withNewConditions()
                .withReady(EndpointPods.publishesNotReady(service) || (serving && !terminating))
                .withServing(serving)
                .withTerminating(terminating)
                .endConditions()
                .withTargetRef(EndpointPods.reference(pod))
                .withNodeName(nodeName.isEmpty() ? null : nodeName)
                .withZone(zone == null || zone.isEmpty() ? null : zone)
                .withHostname(EndpointPods.hostname(pod, service))
                .build();
    }
}
