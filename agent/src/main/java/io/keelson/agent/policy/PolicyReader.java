package io.keelson.agent.policy;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.networking.v1.IPBlock;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.keelson.agent.policy.PolicyRule.Ports;
import io.keelson.controllers.objects.IpPrefix;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Selectors;
import io.keelson.controllers.runtime.Key;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads a policy of the API. What cannot be understood allows nothing, and is told: the API refuses such policies, so they are
 * from one that knows more than this does.
 */
final class PolicyReader {
    private static final int PORT_MAX = 65535;

    private final String namespace;
    private final Consumer<String> complaints;

    private PolicyReader(String namespace, Consumer<String> complaints) {
        this.namespace = namespace;
        this.complaints = complaints;
    }

    /**
     * Reads one.
     *
     * @param complaints is told what was not understood
     */
    static Policy read(NetworkPolicy policy, Consumer<String> complaints) {
        Key key = Key.of(policy);
        NetworkPolicySpec spec = policy.getSpec() == null ? new NetworkPolicySpec() : policy.getSpec();
        PolicyReader reader = new PolicyReader(key.namespace(), complaints);
        Map<Direction, List<PolicyRule>> rules = new EnumMap<>(Direction.class);
        if (isolates(spec, Direction.INGRESS)) {
            rules.put(
                    Direction.INGRESS,
                    OrEmpty.of(spec.getIngress()).stream()
                            .map(rule -> reader.rule(OrEmpty.of(rule.getFrom()), OrEmpty.of(rule.getPorts())))
                            .toList());
        }
        if (isolates(spec, Direction.EGRESS)) {
            rules.put(
                    Direction.EGRESS,
                    OrEmpty.of(spec.getEgress()).stream()
                            .map(rule -> reader.rule(OrEmpty.of(rule.getTo()), OrEmpty.of(rule.getPorts())))
                            .toList());
        }
        return new Policy(key, reader.pods(spec), rules);
    }

    /** Without types a policy isolates from what comes, and from what is sent if it says something of that. */
    private static boolean isolates(NetworkPolicySpec spec, Direction direction) {
        List<String> types = OrEmpty.of(spec.getPolicyTypes());
        if (!types.isEmpty()) {
            return types.contains(direction.policyType());
        }
        return direction == Direction.INGRESS || !OrEmpty.of(spec.getEgress()).isEmpty();
    }

    private Predicate<Map<String, String>> pods(NetworkPolicySpec spec) {
        try {
            // Without a selector it is that of all pods, as it is with an empty one.
            return spec.getPodSelector() == null ? _ -> true : Selectors.of(spec.getPodSelector());
        } catch (IllegalArgumentException e) {
            complaints.accept("its podSelector selects nothing: " + e.getMessage());
            return _ -> false;
        }
    }

    private PolicyRule rule(List<NetworkPolicyPeer> peers, List<NetworkPolicyPort> ports) {
        Set<PodPeer> pods = new LinkedHashSet<>();
        List<AddressSpan> spans = new ArrayList<>();
        for (NetworkPolicyPeer peer : peers) {
            if (peer.getIpBlock() != null) {
                spans.addAll(block(peer.getIpBlock()));
            } else if (peer.getPodSelector() != null || peer.getNamespaceSelector() != null) {
                PodPeer read = peer(peer);
                if (read != null) {
                    pods.add(read);
                }
            } else {
                complaints.accept("a peer that says nothing is nobody");
            }
        }
        return new PolicyRule(peers.isEmpty(), pods, AddressSpan.merged(spans), ports.isEmpty(), ports(ports));
    }

    private @Nullable PodPeer peer(NetworkPolicyPeer peer) {
        try {
            return PodPeer.of(namespace, peer.getNamespaceSelector(), peer.getPodSelector());
        } catch (IllegalArgumentException e) {
            complaints.accept("a peer is nobody: " + e.getMessage());
            return null;
        }
    }

    private List<AddressSpan> block(IPBlock block) {
        IpPrefix range = IpPrefix.parse(block.getCidr());
        if (range == null) {
            complaints.accept("\"" + block.getCidr() + "\" is no range of addresses: it has none");
            return List.of();
        }
        List<AddressSpan> excepted = new ArrayList<>();
        for (String text : OrEmpty.of(block.getExcept())) {
            IpPrefix except = IpPrefix.parse(text);
            if (except == null) {
                complaints.accept("\"" + text + "\" is no range of addresses: nothing of " + range + " is allowed");
                return List.of();
            }
            excepted.add(AddressSpan.of(except));
        }
        return AddressSpan.of(range).without(excepted);
    }

    private Map<Protocol, Ports> ports(List<NetworkPolicyPort> ports) {
        Map<Protocol, List<NetworkPolicyPort>> byProtocol = new EnumMap<>(Protocol.class);
        for (NetworkPolicyPort port : ports) {
            Protocol.of(port.getProtocol())
                    .ifPresentOrElse(
                            protocol -> byProtocol
                                    .computeIfAbsent(protocol, _ -> new ArrayList<>())
                                    .add(port),
                            () -> complaints.accept("\"" + port.getProtocol() + "\" is no protocol with ports"));
        }
        Map<Protocol, Ports> read = new EnumMap<>(Protocol.class);
        byProtocol.forEach((protocol, all) -> read.put(protocol, ports(protocol, all)));
        return read;
    }

    private Ports ports(Protocol protocol, List<NetworkPolicyPort> ports) {
        boolean isAll = false;
        List<PortRange> numbers = new ArrayList<>();
        Set<NamedPort> names = new TreeSet<>(Comparator.comparing(NamedPort::name));
        for (NetworkPolicyPort port : ports) {
            IntOrString value = port.getPort();
            if (value == null || (value.getIntVal() == null && value.getStrVal() == null)) {
                isAll = true;
            } else if (value.getStrVal() != null) {
                names.add(new NamedPort(protocol, value.getStrVal()));
            } else {
                int first = OrEmpty.of(value.getIntVal());
                int last = port.getEndPort() == null ? first : port.getEndPort();
                if (first < 1 || last < first || last > PORT_MAX) {
                    complaints.accept("there are no ports from " + first + " to " + last);
                } else {
                    numbers.add(new PortRange(first, last));
                }
            }
        }
        return new Ports(isAll, PortRange.merged(numbers), names);
    }
}
