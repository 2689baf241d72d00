package io.keelson.agent.pods.work;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Taint;
import io.keelson.agent.pods.PodAdmission.Refusal;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.pods.Resources;
import io.keelson.controllers.objects.Milli;
import io.keelson.controllers.objects.NodeChoice;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Taints;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether a pod fits on the node as it is: what a scheduler has looked at already, and a user who names the node has
 * not.
 */
final class NodeFit {
    private static final List<String> FIRST = List.of("cpu", "memory", "ephemeral-storage");

    private final Supplier<@Nullable Node> node;

    /** Looks at a node; while that is not known, at nothing. */
    NodeFit(Supplier<@Nullable Node> node) {
        this.node = node;
    }

    /**
     * What was found.
     *
     * @param lacks what the node does not have enough of, the first one first
     * @param other what else there is against it
     */
    record Look(List<Lack> lacks, Optional<Refusal> other) {
        Look {
            lacks = List.copyOf(lacks);
        }

        private static Look refused(Optional<Refusal> why) {
            return new Look(List.of(), why);
        }

        /** Why the pod may not run here as things are. */
        Optional<Refusal> refusal() {
            return lacks.isEmpty() ? other : Optional.of(lacks.getFirst().refusal());
        }
    }

    /**
     * That a resource is not enough; all in thousandths.
     *
     * @param used what other pods have of it
     */
    record Lack(String resource, long requested, long used, long capacity) {
        /** How much of it is to become free. */
        long missing() {
            return requested - (capacity - used);
        }

        private Refusal refusal() {
            long unit = unit(resource);
            return new Refusal(
                    "OutOf" + resource,
                    "Node didn't have enough resource: " + resource + ", requested: " + requested / unit + ", used: "
                            + used / unit + ", capacity: " + capacity / unit);
        }
    }

    /** How many thousandths are one, where messages name a number of a resource. */
    static long unit(String resource) {
        return resource.equals("cpu") ? 1 : 1000;
    }

    /**
     * Looks whether a pod fits.
     *
     * @param others the pods that have something of the node
     */
    Look look(Pod pod, Collection<Pod> others) {
        Node here = node.get();
        if (here == null) {
            return Look.refused(Optional.empty());
        }
        String system = OrEmpty.of(here.getMetadata().getLabels()).get("kubernetes.io/os");
        String wantedSystem = pod.getSpec().getOs() == null
                ? ""
                : OrEmpty.of(pod.getSpec().getOs().getName());
        if (!wantedSystem.isEmpty() && !wantedSystem.equals("linux")) {
            return Look.refused(Optional.of(
                    new Refusal("PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS")));
        }
        String selected = OrEmpty.of(pod.getSpec().getNodeSelector()).get("kubernetes.io/os");
        if (selected != null && system != null && !selected.equals(system)) {
            return Look.refused(Optional.of(new Refusal(
                    "PodOSSelectorNodeLabelDoesNotMatch",
                    "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label")));
        }
        return new Look(lacks(pod, others, here), unsuitable(pod, others, here));
    }

    private static Optional<Refusal> unsuitable(Pod pod, Collection<Pod> others, Node here) {
        if (!NodeChoice.matches(pod.getSpec(), here)) {
            return failed("NodeAffinity", "node(s) didn't match Pod's node affinity/selector");
        }
        if (portsAreTaken(pod, others)) {
            return failed("NodePorts", "node(s) didn't have free ports for the requested pod ports");
        }
        if (!PodTraits.isStatic(pod) && !isTolerated(pod, here)) {
            return failed("TaintToleration", "node(s) had untolerated taint(s)");
        }
        return Optional.empty();
    }

    private static Optional<Refusal> failed(String predicate, String why) {
        return Optional.of(new Refusal(predicate, "Predicate " + predicate + " failed: " + why));
    }

    private static List<Lack> lacks(Pod pod, Collection<Pod> others, Node here) {
        Map<String, Quantity> allocatable = here.getStatus() == null
                ? Map.of()
                : OrEmpty.of(here.getStatus().getAllocatable());
        List<Lack> lacks = new ArrayList<>();
        if (allocatable.isEmpty()) {
            // The node has not been measured yet.
            return lacks;
        }
        if (allocatable.containsKey("pods")) {
            Lack ofPods = new Lack("pods", 1000, 1000L * others.size(), Milli.of(allocatable.get("pods")));
            if (ofPods.missing() > 0) {
                lacks.add(ofPods);
            }
        }
        Map<String, Long> wanted = Resources.requests(pod);
        List<String> names = new ArrayList<>(FIRST);
        new TreeSet<>(wanted.keySet())
                .stream().filter(name -> !FIRST.contains(name)).forEach(names::add);
        for (String name : names) {
            long milli = wanted.getOrDefault(name, 0L);
            // Resources of the whole cluster, which no node has, are for others to count.
            boolean isOthers = name.indexOf('/') > 0 && !allocatable.containsKey(name);
            if (milli == 0 || isOthers) {
                continue;
            }
            long capacity = allocatable.containsKey(name) ? Milli.of(allocatable.get(name)) : 0;
            long used = Milli.sum(others.stream()
                    .map(other -> Resources.requests(other).getOrDefault(name, 0L))
                    .toList());
            if (milli > capacity - used) {
                lacks.add(new Lack(name, milli, used, capacity));
            }
        }
        return lacks;
    }

    private static boolean portsAreTaken(Pod pod, Collection<Pod> others) {
        List<ContainerPort> wanted = hostPorts(pod);
        return !wanted.isEmpty()
                && others.stream()
                        .flatMap(other -> hostPorts(other).stream())
                        .anyMatch(taken -> wanted.stream().anyMatch(port -> clash(port, taken)));
    }

    private static List<ContainerPort> hostPorts(Pod pod) {
        List<ContainerPort> all = new ArrayList<>();
        for (PodContainer container : PodContainers.all(pod)) {
            boolean lasts =
                    container.sort() == PodContainer.Sort.ORDINARY || container.sort() == PodContainer.Sort.SIDECAR;
            for (ContainerPort port : OrEmpty.of(container.container().getPorts())) {
                if (lasts && OrEmpty.of(port.getHostPort()) > 0) {
                    all.add(port);
                }
            }
        }
        return all;
    }

    private static boolean clash(ContainerPort one, ContainerPort other) {
        return Objects.equals(one.getHostPort(), other.getHostPort())
                && protocol(one).equals(protocol(other))
                && (address(one).equals(address(other)) || isAny(one) || isAny(other));
    }

    private static String protocol(ContainerPort port) {
        String protocol = OrEmpty.of(port.getProtocol());
        return protocol.isEmpty() ? "TCP" : protocol;
    }

    private static String address(ContainerPort port) {
        return OrEmpty.of(port.getHostIP());
    }

    private static boolean isAny(ContainerPort port) {
        return List.of("", "0.0.0.0", "::").contains(address(port));
    }

    private static boolean isTolerated(Pod pod, Node here) {
        List<Taint> taints =
                here.getSpec() == null ? List.of() : OrEmpty.of(here.getSpec().getTaints());
        return taints.stream()
                .filter(taint -> Taints.NO_EXECUTE.equals(taint.getEffect()))
                .allMatch(taint -> Taints.isTolerated(taint, pod.getSpec().getTolerations()));
    }
}
