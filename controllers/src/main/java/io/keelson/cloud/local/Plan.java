package io.keelson.cloud.local;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.keelson.cloud.CloudException;
import io.keelson.cloud.SourceRanges;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.OrEmpty;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a load balancer has to do.
 *
 * @param nodePorts for each place that is listened at, the port of nodes that it leads to
 * @param sources whose traffic is taken
 * @param sticky whether a client keeps its node
 * @param healthPort at which port nodes say whether they have an endpoint; 0 if it is no matter
 * @param backends the nodes
 */
record Plan(
        Map<Frontend, Integer> nodePorts,
        SourceRanges sources,
        boolean sticky,
        int healthPort,
        List<Backend> backends) {
    Plan {
        nodePorts = Map.copyOf(nodePorts);
        backends = List.copyOf(backends);
    }

    /** Where is listened. */
    record Frontend(IpAddress address, int port, String protocol) {}

    /**
     * What a Service asks for.
     *
     * @throws CloudException if it is not possible here; the text says why and what to do
     */
    static Plan of(Service service, Collection<IpAddress> addresses, List<Node> nodes) {
        Map<Frontend, Integer> nodePorts = new LinkedHashMap<>();
        for (ServicePort port : OrEmpty.of(service.getSpec().getPorts())) {
            String protocol = port.getProtocol() == null ? "TCP" : port.getProtocol();
            if (!protocol.equals("TCP") && !protocol.equals("UDP")) {
                throw new CloudException(
                        "port " + port.getPort() + ": only TCP and UDP are passed on, not " + protocol);
            }
            if (OrEmpty.of(port.getNodePort()) == 0) {
                throw new CloudException("port " + port.getPort() + " has no node port to pass traffic on to: set"
                        + " allocateLoadBalancerNodePorts to true");
            }
            for (IpAddress address : addresses) {
                nodePorts.put(new Frontend(address, port.getPort(), protocol), port.getNodePort());
            }
        }
        boolean local = "Local".equals(service.getSpec().getExternalTrafficPolicy());
        return new Plan(
                nodePorts,
                SourceRanges.of(service),
                "ClientIP".equals(service.getSpec().getSessionAffinity()),
                local ? OrEmpty.of(service.getSpec().getHealthCheckNodePort()) : 0,
                Backend.of(nodes));
    }

    /** The same with other nodes. */
    Plan with(List<Node> nodes) {
        return new Plan(nodePorts, sources, sticky, healthPort, Backend.of(nodes));
    }

    /**
     * The nodes that may take what comes next, the one to try first before the others.
     *
     * @param client who sends it
     * @param turn a number that grows by one from one to the next
     * @param health what nodes said of themselves by their names; null for not yet
     */
    List<Backend> order(IpAddress client, long turn, Health health) {
        List<Backend> able = able(health).toList();
        if (able.isEmpty()) {
            return able;
        }
        if (sticky) {
            // Each client has an order of its own, which changes little when nodes come and go.
            return able.stream()
                    .sorted(Comparator.comparingInt(
                            backend -> mixed(backend.name().hashCode(), client.hashCode())))
                    .toList();
        }
        int first = (int) Math.floorMod(turn, (long) able.size());
        return Stream.concat(able.subList(first, able.size()).stream(), able.subList(0, first).stream())
                // Those that have said that they are well before those that have not said anything.
                .sorted(Comparator.comparing(backend -> healthPort != 0 && health.of(backend.name()) == null))
                .toList();
    }

    /** The nodes that have not said that they have no endpoint. */
    Stream<Backend> able(Health health) {
        return backends.stream().filter(backend -> healthPort == 0 || !Boolean.FALSE.equals(health.of(backend.name())));
    }

    private static int mixed(int one, int other) {
        long mix = (one * 0x9E3779B97F4A7C15L) ^ (other * 0xC2B2AE3D27D4EB4FL);
        mix ^= mix >>> 29;
        mix *= 0xBF58476D1CE4E5B9L;
        return (int) (mix >>> 32);
    }

    /** What nodes say of themselves. */
    @FunctionalInterface
    interface Health {
        /** Whether a node has an endpoint; null if it has not been asked yet. */
        @Nullable
        Boolean of(String node);
    }
}
