package io.keelson.agent.policy;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeerBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPortBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.runtime.Key;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;

/** A small cluster in which all that policies can say happens often: namespaces, pods and policies that come, change and go. */
final class RandomCluster {
    static final String NODE = "here";

    private static final List<String> NAMESPACES = List.of("shop", "shop-test", "system");
    private static final int PODS = 9;
    private static final int POLICIES = 5;
    private static final int ADDRESSES = 8;
    private static final List<Integer> PORTS = List.of(53, 80, 81, 8080, 65535);

    private final Random random;
    private final Map<String, Map<String, String>> namespaces = new TreeMap<>();
    private final Map<String, Pod> pods = new TreeMap<>();
    private final Map<String, NetworkPolicy> policies = new TreeMap<>();
    private int clock;

    RandomCluster(long seed) {
        random = new Random(seed);
    }

    Map<String, Map<String, String>> namespaces() {
        return namespaces;
    }

    List<Pod> pods() {
        return List.copyOf(pods.values());
    }

    List<NetworkPolicy> policies() {
        return List.copyOf(policies.values());
    }

    private boolean oneOf(int many) {
        return random.nextInt(many) == 0;
    }

    private <T> T any(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    /** Changes one thing, and tells the table. */
    void change(PolicyTable table) {
        int what = random.nextInt(10);
        if (what == 0) {
            String name = any(NAMESPACES);
            if (oneOf(4)) {
                namespaces.remove(name);
                table.removeNamespace(name);
            } else {
                namespaces.put(name, labels("team", "stage"));
                table.setNamespace(name, Objects.requireNonNull(namespaces.get(name)));
            }
        } else if (what < 6) {
            Pod pod = pod(any(NAMESPACES), "p" + random.nextInt(PODS));
            String id =
                    pod.getMetadata().getNamespace() + '/' + pod.getMetadata().getName();
            if (oneOf(5)) {
                pods.remove(id);
                table.removePod(Key.of(pod));
            } else {
                pods.put(id, pod);
                table.setPod(PolicyPod.of(pod, NODE));
            }
        } else {
            NetworkPolicy policy = policy(any(NAMESPACES), "n" + random.nextInt(POLICIES));
            String id = policy.getMetadata().getNamespace()
                    + '/'
                    + policy.getMetadata().getName();
            if (oneOf(4)) {
                policies.remove(id);
                table.removePolicy(Key.of(policy));
            } else {
                policies.put(id, policy);
                table.setPolicy(policy, complaint -> {
                    throw new AssertionError(complaint);
                });
            }
        }
    }

    /** A table that is told at once of all that there is. */
    PolicyTable fresh() {
        PolicyTable table = new PolicyTable();
        policies.values().forEach(policy -> table.setPolicy(policy, _ -> {}));
        pods.values().forEach(pod -> table.setPod(PolicyPod.of(pod, NODE)));
        namespaces.forEach(table::setNamespace);
        return table;
    }

    private Map<String, String> labels(String one, String other) {
        Map<String, String> labels = new HashMap<>();
        for (String key : List.of(one, other)) {
            if (!oneOf(3)) {
                labels.put(key, any(List.of("x", "y")));
            }
        }
        return labels;
    }

    private Pod pod(String namespace, String name) {
        int last = 1 + random.nextInt(ADDRESSES);
        List<PodIP> addresses = new ArrayList<>();
        if (!oneOf(6)) {
            addresses.add(new PodIP("10.0.0." + last));
        }
        if (oneOf(2)) {
            addresses.add(new PodIP("fd00::" + last));
        }
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .withUid(name + '-' + ++clock)
                .withCreationTimestamp(Instant.EPOCH.plusSeconds(clock).toString())
                .withLabels(labels("app", "tier"))
                .endMetadata()
                .withNewSpec()
                .withNodeName(oneOf(3) ? "there" : NODE)
                .withHostNetwork(oneOf(10) ? true : null)
                .addNewContainer()
                .withPorts(containerPorts())
                .endContainer()
                .endSpec()
                .withNewStatus()
                .withPhase(oneOf(10) ? any(List.of("Succeeded", "Failed")) : "Running")
                .withPodIPs(addresses)
                .endStatus()
                .build();
    }

    private List<ContainerPort> containerPorts() {
        List<ContainerPort> ports = new ArrayList<>();
        while (!oneOf(2)) {
            ports.add(new ContainerPortBuilder()
                    .withName(any(List.of("web", "dns")))
                    .withProtocol(any(List.of("TCP", "UDP", "SCTP")))
                    .withContainerPort(any(PORTS))
                    .build());
        }
        return ports;
    }

    private LabelSelector selector(String one, String other) {
        LabelSelectorBuilder selector = new LabelSelectorBuilder();
        if (!oneOf(3)) {
            selector.addToMatchLabels(any(List.of(one, other)), any(List.of("x", "y")));
        }
        if (oneOf(4)) {
            String operator = any(List.of("In", "NotIn", "Exists", "DoesNotExist"));
            selector.addNewMatchExpression()
                    .withKey(other)
                    .withOperator(operator)
                    .withValues(operator.endsWith("In") ? List.of("x") : List.of())
                    .endMatchExpression();
        }
        return selector.build();
    }

    private <T> List<T> some(Supplier<T> one) {
        List<T> some = new ArrayList<>();
        while (oneOf(2)) {
            some.add(one.get());
        }
        return some;
    }

    private NetworkPolicy policy(String namespace, String name) {
        NetworkPolicySpec spec = new NetworkPolicySpec();
        spec.setPodSelector(selector("app", "tier"));
        spec.setPolicyTypes(
                any(List.of(List.of(), List.of("Ingress"), List.of("Egress"), List.of("Ingress", "Egress"))));
        spec.setIngress(some(() -> {
            NetworkPolicyIngressRule rule = new NetworkPolicyIngressRule();
            rule.setFrom(some(this::peer));
            rule.setPorts(some(this::port));
            return rule;
        }));
        spec.setEgress(some(() -> {
            NetworkPolicyEgressRule rule = new NetworkPolicyEgressRule();
            rule.setTo(some(this::peer));
            rule.setPorts(some(this::port));
            return rule;
        }));
        return new NetworkPolicyBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withSpec(spec)
                .build();
    }

    private NetworkPolicyPeer peer() {
        NetworkPolicyPeerBuilder peer = new NetworkPolicyPeerBuilder();
        if (oneOf(3)) {
            String block = any(List.of("10.0.0.0/29", "10.0.0.4/32", "0.0.0.0/0", "fd00::/125", "::/0", "10.0.0.2/31"));
            boolean isV6 = block.contains(":");
            List<String> except = some(() ->
                    isV6 ? any(List.of("fd00::4/126", "fd00::1/128")) : any(List.of("10.0.0.4/30", "10.0.0.3/32")));
            return peer.withNewIpBlock()
                    .withCidr(block)
                    .withExcept(except)
                    .endIpBlock()
                    .build();
        }
        int which = random.nextInt(3);
        if (which != 0) {
            peer.withPodSelector(selector("app", "tier"));
        }
        if (which != 1) {
            peer.withNamespaceSelector(selector("team", "stage"));
        }
        return peer.build();
    }

    private NetworkPolicyPort port() {
        NetworkPolicyPortBuilder port = new NetworkPolicyPortBuilder();
        if (!oneOf(3)) {
            port.withProtocol(any(List.of("TCP", "UDP", "SCTP")));
        }
        switch (random.nextInt(4)) {
            case 0 -> port.withPort(new IntOrString(any(List.of("web", "dns"))));
            case 1 -> port.withPort(new IntOrString(any(PORTS)));
            case 2 -> port.withPort(new IntOrString(79)).withEndPort(any(List.of(79, 80, 8080)));
            default -> {
                // All ports.
            }
        }
        return port.build();
    }

    /** A packet of somebody to somebody, who may be nobody here. */
    Packet packet() {
        boolean isV6 = oneOf(3);
        Protocol protocol = oneOf(6) ? null : any(List.of(Protocol.values()));
        return new Packet(address(isV6), address(isV6), protocol, any(PORTS));
    }

    private IpAddress address(boolean isV6) {
        int last = 1 + random.nextInt(ADDRESSES + 1);
        return Objects.requireNonNull(IpAddress.parse((isV6 ? "fd00::" : "10.0.0.") + last));
    }
}
