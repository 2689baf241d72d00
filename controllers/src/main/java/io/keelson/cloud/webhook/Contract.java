package io.keelson.cloud.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What goes over the wire. What comes from a server may lack any field, whatever the contract says. */
final class Contract {
    private Contract() {}

    /** The {@link Problem#reason} of an answer that says that there is no such thing. */
    static final String NOT_FOUND = "NotFound";

    /** Why something could not be done. */
    record Problem(@Nullable String message, @Nullable String reason) {}

    /** An address of a node. */
    record Address(@Nullable String type, @Nullable String address) {}

    /** A machine. */
    record Instance(
            @JsonProperty("providerID") @Nullable String providerId,
            @Nullable String instanceType,
            @Nullable String zone,
            @Nullable String region,
            boolean shutdown,
            @Nullable List<Address> addresses,
            @Nullable Map<String, String> labels) {}

    /** A route that there is. */
    record Route(
            @Nullable String name,
            @Nullable String node,
            @Nullable String destination,
            boolean blackhole,
            @Nullable List<Address> nodeAddresses) {}

    /** All routes. */
    record RouteList(@Nullable List<Route> routes) {}

    /** A route that there is to be. */
    record NewRoute(String nameHint, String node, String destination, List<Address> nodeAddresses) {}

    /** A node that takes traffic. */
    record Node(String name, @JsonProperty("providerID") String providerId, List<Address> addresses) {}

    /** Nodes that take traffic. */
    record NodeList(List<Node> nodes) {}

    /** A port of a Service. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Port(String name, String protocol, @Nullable String appProtocol, int port, int nodePort) {}

    /** A load balancer that there is to be. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record WantedLoadBalancer(
            String namespace,
            String service,
            String uid,
            Map<String, String> annotations,
            List<Port> ports,
            List<String> ipFamilies,
            @JsonProperty("loadBalancerIP") @Nullable String loadBalancerIp,
            List<String> sourceRanges,
            String externalTrafficPolicy,
            int healthCheckNodePort,
            String sessionAffinity,
            List<Node> nodes) {}

    /** Where a load balancer answers. */
    record Ingress(
            @Nullable String ip,
            @Nullable String hostname,
            @Nullable String ipMode) {}

    /** A load balancer that there is. */
    record LoadBalancer(@Nullable List<Ingress> ingress) {}
}
