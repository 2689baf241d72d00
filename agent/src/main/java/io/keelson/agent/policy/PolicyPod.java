package io.keelson.agent.policy;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.keelson.agent.pods.PodTraits;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Key;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What policies need to know of a pod.
 *
 * @param created as the API writes times, which are in the order of their texts; empty if not known
 * @param addresses empty while it has none, when it has ended, and for one on a node's network, whose traffic is the node's
 * @param ports numbers by their names
 * @param isLocal whether it is on this node
 * @param isToldByRuntime whether the addresses are what the runtime said just now, and not the API, which may be behind
 */
record PolicyPod(
        Key key,
        String uid,
        String created,
        Map<String, String> labels,
        List<IpAddress> addresses,
        Map<NamedPort, Set<Integer>> ports,
        boolean isLocal,
        boolean isToldByRuntime) {
    /** Of two pods that say they have an address, the later one has it. */
    static final Comparator<PolicyPod> BY_CLAIM = Comparator.comparing(PolicyPod::isToldByRuntime)
            .thenComparing(PolicyPod::created)
            .thenComparing(PolicyPod::uid)
            .thenComparing(pod -> pod.key().toString());

    /** Copies what it is given. */
    PolicyPod {
        labels = Map.copyOf(labels);
        addresses = List.copyOf(addresses);
        ports = Map.copyOf(ports);
    }

    /** A pod by what the API says, status included. */
    static PolicyPod of(Pod pod, String node) {
        List<String> addresses = new ArrayList<>();
        if (pod.getStatus() != null) {
            for (PodIP address : OrEmpty.of(pod.getStatus().getPodIPs())) {
                addresses.add(OrEmpty.of(address.getIp()));
            }
            if (addresses.isEmpty()) {
                addresses.add(OrEmpty.of(pod.getStatus().getPodIP()));
            }
        }
        return of(pod, node, addresses, false);
    }

    /** A pod whose addresses are known better than from its status. */
    static PolicyPod of(Pod pod, String node, List<String> addresses, boolean isToldByRuntime) {
        List<IpAddress> parsed = new ArrayList<>();
        for (String text : addresses) {
            IpAddress address = IpAddress.parse(text);
            if (address != null && !hasNoTraffic(pod)) {
                parsed.add(address);
            }
        }
        return new PolicyPod(
                Key.of(pod),
                uid(pod),
                OrEmpty.of(pod.getMetadata().getCreationTimestamp()),
                OrEmpty.of(pod.getMetadata().getLabels()),
                parsed,
                namedPorts(pod),
                node.equals(pod.getSpec().getNodeName()),
                isToldByRuntime);
    }

    /** The uid of a pod; of what shows a static one in the API, that one's. */
    static String uid(Pod pod) {
        String shown = PodTraits.annotation(pod, PodTraits.MIRROR);
        return shown.isEmpty() ? OrEmpty.of(pod.getMetadata().getUid()) : shown;
    }

    /** Whether it has no addresses of its own, or none any more. */
    static boolean hasNoTraffic(Pod pod) {
        String phase = pod.getStatus() == null ? "" : OrEmpty.of(pod.getStatus().getPhase());
        return PodTraits.isOnHostNetwork(pod) || phase.equals("Succeeded") || phase.equals("Failed");
    }

    private static Map<NamedPort, Set<Integer>> namedPorts(Pod pod) {
        List<Container> containers = new ArrayList<>(OrEmpty.of(pod.getSpec().getContainers()));
        for (Container initial : OrEmpty.of(pod.getSpec().getInitContainers())) {
            if ("Always".equals(initial.getRestartPolicy())) {
                containers.add(initial);
            }
        }
        Map<NamedPort, Set<Integer>> ports = new HashMap<>();
        for (Container container : containers) {
            for (ContainerPort port : OrEmpty.of(container.getPorts())) {
                String name = OrEmpty.of(port.getName());
                int number = OrEmpty.of(port.getContainerPort());
                if (!name.isEmpty() && number > 0) {
                    Protocol.of(port.getProtocol())
                            .ifPresent(protocol -> ports.computeIfAbsent(
                                            new NamedPort(protocol, name), _ -> new HashSet<>())
                                    .add(number));
                }
            }
        }
        return ports;
    }

    /** Takes away from a pod what this does not look at. */
    static void trim(Pod pod) {
        ObjectMeta metadata = pod.getMetadata();
        metadata.setAnnotations(
                PodTraits.isMirror(pod)
                        ? Map.of(PodTraits.MIRROR, PodTraits.annotation(pod, PodTraits.MIRROR))
                        : Map.of());
        metadata.setOwnerReferences(List.of());
        PodSpec spec = new PodSpec();
        spec.setNodeName(pod.getSpec().getNodeName());
        spec.setHostNetwork(pod.getSpec().getHostNetwork());
        spec.setContainers(ports(pod.getSpec().getContainers()));
        spec.setInitContainers(ports(pod.getSpec().getInitContainers()));
        pod.setSpec(spec);
        PodStatus status = new PodStatus();
        if (pod.getStatus() != null) {
            status.setPhase(pod.getStatus().getPhase());
            status.setPodIP(pod.getStatus().getPodIP());
            status.setPodIPs(pod.getStatus().getPodIPs());
        }
        pod.setStatus(status);
    }

    private static List<Container> ports(@Nullable List<Container> containers) {
        List<Container> left = new ArrayList<>();
        for (Container container : OrEmpty.of(containers)) {
            if (!OrEmpty.of(container.getPorts()).isEmpty()) {
                Container slim = new Container();
                slim.setRestartPolicy(container.getRestartPolicy());
                slim.setPorts(container.getPorts());
                left.add(slim);
            }
        }
        return left;
    }
}
