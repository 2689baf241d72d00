package io.keelson.agent.policy;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import io.keelson.controllers.objects.Selectors;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Whether a packet may pass a node, read off the objects by the words of the specification. */
record ReferencePolicies(
        List<NetworkPolicy> policies, List<Pod> pods, Map<String, Map<String, String>> namespaces, String node) {
    boolean allows(Packet packet) {
        if (packet.source().equals(packet.destination())) {
            return true;
        }
        Pod from = owner(packet.source());
        Pod to = owner(packet.destination());
        return (from == null || allows("Egress", from, packet.destination(), to, to, packet))
                && (to == null || allows("Ingress", to, packet.source(), from, to, packet));
    }

    private @Nullable Pod owner(IpAddress address) {
        Pod owner = null;
        for (Pod pod : pods) {
            boolean isGone =
                    List.of("Succeeded", "Failed").contains(pod.getStatus().getPhase())
                            || Boolean.TRUE.equals(pod.getSpec().getHostNetwork());
            boolean hasIt =
                    pod.getStatus().getPodIPs().stream().anyMatch(ip -> address.equals(IpAddress.parse(ip.getIp())));
            if (hasIt
                    && !isGone
                    && (owner == null
                            || owner.getMetadata()
                                            .getCreationTimestamp()
                                            .compareTo(pod.getMetadata().getCreationTimestamp())
                                    < 0)) {
                owner = pod;
            }
        }
        return owner;
    }

    private boolean allows(
            String type, Pod isolated, IpAddress peer, @Nullable Pod peerPod, @Nullable Pod target, Packet packet) {
        boolean isIngress = type.equals("Ingress");
        boolean isIsolated = false;
        for (NetworkPolicy policy : policies) {
            NetworkPolicySpec spec = policy.getSpec();
            boolean isOfType = spec.getPolicyTypes().isEmpty()
                    ? isIngress || !spec.getEgress().isEmpty()
                    : spec.getPolicyTypes().contains(type);
            if (!isOfType
                    || !node.equals(isolated.getSpec().getNodeName())
                    || !policy.getMetadata()
                            .getNamespace()
                            .equals(isolated.getMetadata().getNamespace())
                    || !selects(spec.getPodSelector(), isolated)) {
                continue;
            }
            isIsolated = true;
            boolean isAllowed = isIngress
                    ? spec.getIngress().stream()
                            .anyMatch(rule -> isPeer(policy, rule.getFrom(), peer, peerPod)
                                    && isPort(rule.getPorts(), target, packet))
                    : spec.getEgress().stream()
                            .anyMatch(rule -> isPeer(policy, rule.getTo(), peer, peerPod)
                                    && isPort(rule.getPorts(), target, packet));
            if (isAllowed) {
                return true;
            }
        }
        return !isIsolated;
    }

    private static boolean selects(LabelSelector selector, Pod pod) {
        return Selectors.of(selector).test(pod.getMetadata().getLabels());
    }

    private boolean isPeer(NetworkPolicy policy, List<NetworkPolicyPeer> peers, IpAddress address, @Nullable Pod pod) {
        return peers.isEmpty() || peers.stream().anyMatch(peer -> isPeer(policy, peer, address, pod));
    }

    private boolean isPeer(NetworkPolicy policy, NetworkPolicyPeer peer, IpAddress address, @Nullable Pod pod) {
        if (peer.getIpBlock() != null) {
            return contains(peer.getIpBlock().getCidr(), address)
                    && peer.getIpBlock().getExcept().stream().noneMatch(except -> contains(except, address));
        }
        if (pod == null) {
            return false;
        }
        String namespace = pod.getMetadata().getNamespace();
        boolean isOfNamespace = peer.getNamespaceSelector() == null
                ? namespace.equals(policy.getMetadata().getNamespace())
                : Selectors.of(peer.getNamespaceSelector()).test(namespaces.getOrDefault(namespace, Map.of()));
        return isOfNamespace && (peer.getPodSelector() == null || selects(peer.getPodSelector(), pod));
    }

    private static boolean contains(String range, IpAddress address) {
        return Objects.requireNonNull(IpPrefix.parse(range)).contains(address);
    }

    private static boolean isPort(List<NetworkPolicyPort> ports, @Nullable Pod target, Packet packet) {
        return ports.isEmpty() || ports.stream().anyMatch(port -> isPort(port, target, packet));
    }

    private static boolean isPort(NetworkPolicyPort port, @Nullable Pod target, Packet packet) {
        String protocol = port.getProtocol() == null ? "TCP" : port.getProtocol();
        if (packet.protocol() == null || !packet.protocol().name().equals(protocol)) {
            return false;
        }
        if (port.getPort() == null) {
            return true;
        }
        String name = port.getPort().getStrVal();
        if (name == null) {
            int first = port.getPort().getIntVal();
            int last = port.getEndPort() == null ? first : port.getEndPort();
            return packet.port() >= first && packet.port() <= last;
        }
        if (target == null) {
            return false;
        }
        for (Container container : target.getSpec().getContainers()) {
            for (ContainerPort has : container.getPorts()) {
                if (name.equals(has.getName())
                        && protocol.equals(has.getProtocol())
                        && has.getContainerPort() == packet.port()) {
                    return true;
                }
            }
        }
        return false;
    }
}
