package io.keelson.proxy.rules;

import io.fabric8.kubernetes.api.model.LoadBalancerIngressBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Services and slices of few names and addresses, so that much collides. */
final class RandomCluster {
    static final List<String> OUTSIDE_ADDRESSES = List.of("203.0.113.1", "203.0.113.2", "10.96.0.1");
    static final List<String> RANGES = List.of("10.0.0.0/8", "198.51.100.0/24", "192.0.2.1/32");
    private static final int NODE_PORT = 30000;

    private final Random random;

    RandomCluster(long seed) {
        random = new Random(seed);
    }

    Random random() {
        return random;
    }

    private <T> List<T> some(List<T> all) {
        return all.stream().filter(_ -> random.nextInt(3) == 0).toList();
    }

    private <T> T one(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    Service service(int number) {
        String type = one(List.of("ClusterIP", "NodePort", "LoadBalancer"));
        ServiceBuilder built = new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("service" + number)
                .endMetadata()
                .withNewSpec()
                .withType(type)
                .withClusterIP("10.96.0." + (number + 1))
                .withClusterIPs("10.96.0." + (number + 1))
                .withExternalIPs(some(OUTSIDE_ADDRESSES))
                .withInternalTrafficPolicy(random.nextInt(4) == 0 ? "Local" : "Cluster")
                .withExternalTrafficPolicy(random.nextInt(3) == 0 ? "Local" : "Cluster")
                .withSessionAffinity(random.nextInt(4) == 0 ? "ClientIP" : "None")
                .withLoadBalancerSourceRanges(random.nextInt(3) == 0 ? some(RANGES) : List.of())
                .endSpec()
                .withNewStatus()
                .withNewLoadBalancer()
                .endLoadBalancer()
                .endStatus();
        Service service = built.build();
        int ports = 1 + random.nextInt(2);
        for (int i = 0; i < ports; i++) {
            service.getSpec()
                    .getPorts()
                    .add(new ServicePortBuilder()
                            .withName("port" + i)
                            .withProtocol(one(List.of("TCP", "UDP")))
                            .withPort(80 + i)
                            .withNodePort(type.equals("ClusterIP") ? null : Integer.valueOf(NODE_PORT + number * 2 + i))
                            .build());
        }
        for (String address : some(OUTSIDE_ADDRESSES)) {
            service.getStatus()
                    .getLoadBalancer()
                    .getIngress()
                    .add(new LoadBalancerIngressBuilder()
                            .withIp(address)
                            .withIpMode(random.nextInt(4) == 0 ? "Proxy" : "VIP")
                            .build());
        }
        return service;
    }

    EndpointSlice slice(Service service, int number) {
        List<Endpoint> endpoints = new ArrayList<>();
        boolean isHinted = random.nextBoolean();
        boolean isHopeless = random.nextInt(4) == 0;
        int count = random.nextInt(5);
        for (int i = 0; i < count; i++) {
            String node = one(List.of("here", "there"));
            boolean isReady = !isHopeless && random.nextInt(4) > 0;
            EndpointBuilder built = new EndpointBuilder()
                    .withAddresses("10.244." + number + "." + i)
                    .withNodeName(node)
                    .withNewConditions()
                    .withReady(isReady ? one(List.of(Boolean.TRUE)) : Boolean.FALSE)
                    .withServing(random.nextBoolean() || isReady)
                    .withTerminating(!isReady && random.nextBoolean())
                    .endConditions();
            if (isHinted && random.nextInt(8) > 0) {
                built.withNewHints().endHints();
                var hints = built.editHints();
                if (random.nextInt(4) > 0) {
                    hints.addNewForZone(one(List.of("zone1", "zone2")));
                }
                if (random.nextInt(3) > 0) {
                    hints.addNewForNode(node);
                }
                hints.endHints();
            }
            endpoints.add(built.build());
        }
        EndpointSlice slice = new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(service.getMetadata().getName() + "-" + number)
                .withLabels(Map.of(
                        "kubernetes.io/service-name", service.getMetadata().getName()))
                .endMetadata()
                .withAddressType("IPv4")
                .withEndpoints(endpoints)
                .build();
        service.getSpec()
                .getPorts()
                .forEach(port -> slice.getPorts()
                        .add(new EndpointPortBuilder()
                                .withName(port.getName())
                                .withProtocol(port.getProtocol())
                                .withPort(8000 + port.getPort())
                                .build()));
        return slice;
    }

    Packet packet() {
        Packet.From from = one(List.of(Packet.From.values()));
        String source = switch (from) {
            case OUTSIDE -> one(List.of("198.51.100.7", "192.0.2.99"));
            case POD -> "10.244.0.9";
            case NODE -> one(List.of("192.0.2.1", "203.0.113.1"));
        };
        int way = random.nextInt(3);
        String destination = switch (way) {
            case 0 -> "10.96.0." + (1 + random.nextInt(5));
            case 1 -> one(OUTSIDE_ADDRESSES);
            default -> one(List.of("192.0.2.1", "192.0.2.2"));
        };
        int port = way == 2 ? NODE_PORT + random.nextInt(10) : 80 + random.nextInt(3);
        return new Packet(from, source, destination, one(List.of(Transport.TCP, Transport.UDP)), port);
    }
}
