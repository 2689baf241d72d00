package io.keelson.scheduler.plugins;

import static io.keelson.scheduler.plugins.PlainCluster.labels;
import static io.keelson.scheduler.plugins.PlainCluster.near;
import static io.keelson.scheduler.plugins.PlainCluster.or;
import static io.keelson.scheduler.plugins.PlainCluster.selects;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerRestartRule;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the documentation says of which nodes can take a pod, looking at every node and every pod each time. */
final class PlainFilters {
    private final PlainCluster cluster;
    private final Pod pod;

    PlainFilters(PlainCluster cluster, Pod pod) {
        this.cluster = cluster;
        this.pod = pod;
    }

    Set<String> reasons(String filter, Node node) {
        return switch (filter) {
            case "NodeName" ->
                unless(
                        or(pod.getSpec().getNodeName(), node.getMetadata().getName())
                                .equals(node.getMetadata().getName()),
                        "node(s) didn't match the requested node name");
            case "NodeUnschedulable" ->
                unless(
                        !or(node.getSpec().getUnschedulable(), false)
                                || tolerates(new Taint("NoSchedule", "node.kubernetes.io/unschedulable", null, null)),
                        "node(s) were unschedulable");
            case "TaintToleration" ->
                unless(forbidding(node).allMatch(this::tolerates), "node(s) had untolerated taint(s)");
            case "NodeDeclaredFeatures" ->
                unless(
                        or(node.getStatus().getDeclaredFeatures(), List.<String>of())
                                .containsAll(features()),
                        "node(s) didn't match Pod's required features");
            case "NodeAffinity" -> unless(asksFor(node), "node(s) didn't match Pod's node affinity/selector");
            case "NodePorts" ->
                unless(portsAreFree(node), "node(s) didn't have free ports for the requested pod ports");
            case "NodeResourcesFit" -> lacking(node);
            case "InterPodAffinity" -> affinity(node);
            case "PodTopologySpread" -> spread(node);
            default -> throw new IllegalArgumentException(filter);
        };
    }

    private Set<String> features() {
        Set<String> features = new TreeSet<>();
        Stream.concat(
                        or(pod.getSpec().getContainers(), List.<Container>of()).stream(),
                        or(pod.getSpec().getInitContainers(), List.<Container>of()).stream())
                .flatMap(each -> or(each.getRestartPolicyRules(), List.<ContainerRestartRule>of()).stream())
                .filter(rule -> rule.getAction().equals("RestartAllContainers"))
                .forEach(rule -> features.add("RestartAllContainersOnContainerExits"));
        if (or(pod.getSpec().getHostNetwork(), false) && !or(pod.getSpec().getHostUsers(), true)) {
            features.add("UserNamespacesHostNetworkSupport");
        }
        return features;
    }

    private static Set<String> unless(boolean good, String reason) {
        return good ? Set.of() : Set.of(reason);
    }

    private static Stream<Taint> forbidding(Node node) {
        return or(node.getSpec().getTaints(), List.<Taint>of()).stream()
                .filter(taint -> Set.of("NoSchedule", "NoExecute").contains(taint.getEffect()));
    }

    boolean tolerates(Taint taint) {
        for (Toleration each : or(pod.getSpec().getTolerations(), List.<Toleration>of())) {
            boolean effect = each.getEffect() == null || each.getEffect().equals(taint.getEffect());
            boolean key = each.getKey() == null
                    ? "Exists".equals(each.getOperator())
                    : each.getKey().equals(taint.getKey());
            boolean value = "Exists".equals(each.getOperator())
                    || or(each.getValue(), "").equals(or(taint.getValue(), ""));
            if (effect && key && value) {
                return true;
            }
        }
        return false;
    }

    boolean asksFor(Node node) {
        for (Map.Entry<String, String> each :
                or(pod.getSpec().getNodeSelector(), Map.<String, String>of()).entrySet()) {
            if (!each.getValue().equals(labels(node).get(each.getKey()))) {
                return false;
            }
        }
        Affinity affinity = pod.getSpec().getAffinity();
        if (affinity == null || affinity.getNodeAffinity() == null) {
            return true;
        }
        NodeSelector required = affinity.getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution();
        if (required == null) {
            return true;
        }
        for (NodeSelectorTerm term : required.getNodeSelectorTerms()) {
            if (means(term, node)) {
                return true;
            }
        }
        return false;
    }

    static boolean means(NodeSelectorTerm term, Node node) {
        if (term.getMatchExpressions().isEmpty() && term.getMatchFields().isEmpty()) {
            return false;
        }
        for (NodeSelectorRequirement each : term.getMatchExpressions()) {
            if (!means(each, labels(node).get(each.getKey()))) {
                return false;
            }
        }
        for (NodeSelectorRequirement each : term.getMatchFields()) {
            if (!means(each, node.getMetadata().getName())) {
                return false;
            }
        }
        return true;
    }

    private static boolean means(NodeSelectorRequirement requirement, @Nullable String value) {
        List<String> values = requirement.getValues();
        return switch (requirement.getOperator()) {
            case "Exists" -> value != null;
            case "DoesNotExist" -> value == null;
            case "NotIn" -> value == null || !values.contains(value);
            case "In" -> value != null && values.contains(value);
            case "Gt" -> value != null && difference(value, values.getFirst()) > 0;
            default -> value != null && difference(value, values.getFirst()) < 0;
        };
    }

    /** 0, which is neither greater nor less, if one is no number. */
    private static int difference(String one, String other) {
        return (one + other).matches("[0-9]+") ? Integer.parseInt(one) - Integer.parseInt(other) : 0;
    }

    private static List<ContainerPort> ports(Pod pod) {
        List<ContainerPort> ports = new ArrayList<>();
        pod.getSpec().getContainers().forEach(each -> ports.addAll(each.getPorts()));
        pod.getSpec().getInitContainers().stream()
                .filter(each -> "Always".equals(each.getRestartPolicy()))
                .forEach(each -> ports.addAll(each.getPorts()));
        ports.removeIf(each -> each.getHostPort() == null);
        return ports;
    }

    private boolean portsAreFree(Node node) {
        for (Pod other : cluster.on(node)) {
            for (ContainerPort taken : ports(other)) {
                for (ContainerPort wanted : ports(pod)) {
                    String one = or(taken.getHostIP(), "0.0.0.0");
                    String another = or(wanted.getHostIP(), "0.0.0.0");
                    if (taken.getHostPort().equals(wanted.getHostPort())
                            && or(taken.getProtocol(), "TCP").equals(or(wanted.getProtocol(), "TCP"))
                            && (one.equals(another) || one.equals("0.0.0.0") || another.equals("0.0.0.0"))) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    private Set<String> lacking(Node node) {
        Set<String> reasons = new TreeSet<>();
        Map<String, Quantity> allocatable = node.getStatus().getAllocatable();
        List<Pod> others = cluster.on(node);
        if (others.size() + 1 > PlainRequests.whole("pods", allocatable.get("pods"))) {
            reasons.add("Too many pods");
        }
        for (String resource : List.of("cpu", "memory", "ephemeral-storage", RandomObjects.GPU)) {
            long free = PlainRequests.whole(resource, allocatable.get(resource));
            for (Pod other : others) {
                free -= PlainRequests.of(other, resource, false);
            }
            long wanted = PlainRequests.of(pod, resource, false);
            if (wanted > 0 && wanted > free) {
                reasons.add("Insufficient " + resource);
            }
        }
        return reasons;
    }

    static List<PodAffinityTerm> nearTerms(Pod pod) {
        Affinity affinity = pod.getSpec().getAffinity();
        return affinity == null || affinity.getPodAffinity() == null
                ? List.of()
                : affinity.getPodAffinity().getRequiredDuringSchedulingIgnoredDuringExecution();
    }

    private static List<PodAffinityTerm> apartTerms(Pod pod) {
        Affinity affinity = pod.getSpec().getAffinity();
        return affinity == null || affinity.getPodAntiAffinity() == null
                ? List.of()
                : affinity.getPodAntiAffinity().getRequiredDuringSchedulingIgnoredDuringExecution();
    }

    private Set<String> affinity(Node node) {
        if (!isNear(node)) {
            return Set.of("node(s) didn't match pod affinity rules");
        }
        for (Node place : cluster.nodes.values()) {
            for (Pod other : cluster.on(place)) {
                for (PodAffinityTerm term : apartTerms(pod)) {
                    if (cluster.means(pod, term, other) && near(node, place, term.getTopologyKey())) {
                        return Set.of("node(s) didn't match pod anti-affinity rules");
                    }
                }
            }
        }
        for (Node place : cluster.nodes.values()) {
            for (Pod other : cluster.on(place)) {
                for (PodAffinityTerm term : apartTerms(other)) {
                    if (cluster.means(other, term, pod) && near(node, place, term.getTopologyKey())) {
                        return Set.of("node(s) didn't satisfy existing pods anti-affinity rules");
                    }
                }
            }
        }
        return Set.of();
    }

    private boolean isNear(Node node) {
        List<PodAffinityTerm> terms = nearTerms(pod);
        boolean anyAnywhere = false;
        boolean allHere = true;
        for (PodAffinityTerm term : terms) {
            if (!labels(node).containsKey(term.getTopologyKey())) {
                return false;
            }
            boolean here = false;
            for (Node place : cluster.nodes.values()) {
                for (Pod other : cluster.on(place)) {
                    if (terms.stream().allMatch(each -> cluster.means(pod, each, other))) {
                        anyAnywhere |= labels(place).containsKey(term.getTopologyKey());
                        here |= near(node, place, term.getTopologyKey());
                    }
                }
            }
            allHere &= here;
        }
        return allHere || (!anyAnywhere && terms.stream().allMatch(each -> cluster.means(pod, each, pod)));
    }

    List<TopologySpreadConstraint> constraints(String whenUnsatisfiable) {
        return pod.getSpec().getTopologySpreadConstraints().stream()
                .filter(each -> each.getWhenUnsatisfiable().equals(whenUnsatisfiable))
                .toList();
    }

    private boolean selected(TopologySpreadConstraint constraint, Pod other) {
        for (String key : or(constraint.getMatchLabelKeys(), List.<String>of())) {
            if (labels(pod).containsKey(key) && !PlainCluster.isSame(key, pod, other)) {
                return false;
            }
        }
        return selects(constraint.getLabelSelector(), labels(other));
    }

    /** How many pods of a node a constraint counts: none at all if its selector would be all pods. */
    int counted(TopologySpreadConstraint constraint, Node node) {
        boolean asksNothing = constraint.getLabelSelector() != null
                && or(constraint.getLabelSelector().getMatchLabels(), Map.of()).isEmpty()
                && constraint.getLabelSelector().getMatchExpressions().isEmpty()
                && or(constraint.getMatchLabelKeys(), List.<String>of()).stream()
                        .noneMatch(labels(pod)::containsKey);
        int count = 0;
        for (Pod other : cluster.on(node)) {
            if (!asksNothing
                    && other.getMetadata()
                            .getNamespace()
                            .equals(pod.getMetadata().getNamespace())
                    && other.getMetadata().getDeletionTimestamp() == null
                    && selected(constraint, other)) {
                count++;
            }
        }
        return count;
    }

    static boolean hasAll(Node node, List<TopologySpreadConstraint> constraints) {
        return constraints.stream().allMatch(each -> labels(node).containsKey(each.getTopologyKey()));
    }

    boolean included(TopologySpreadConstraint constraint, Node node) {
        return ("Ignore".equals(constraint.getNodeAffinityPolicy()) || asksFor(node))
                && (!"Honor".equals(constraint.getNodeTaintsPolicy())
                        || forbidding(node).allMatch(this::tolerates));
    }

    private Set<String> spread(Node node) {
        List<TopologySpreadConstraint> constraints = constraints("DoNotSchedule");
        for (TopologySpreadConstraint constraint : constraints) {
            String key = constraint.getTopologyKey();
            if (!labels(node).containsKey(key)) {
                return Set.of("node(s) didn't match pod topology spread constraints (missing required label)");
            }
            Map<String, Integer> domains = new HashMap<>();
            for (Node other : cluster.nodes.values()) {
                if (hasAll(other, constraints) && included(constraint, other)) {
                    domains.merge(
                            Objects.requireNonNull(labels(other).get(key)), counted(constraint, other), Integer::sum);
                }
            }
            int fewest = domains.size() < or(constraint.getMinDomains(), 1)
                    ? 0
                    : domains.values().stream().min(Integer::compare).orElseThrow();
            int here = domains.getOrDefault(labels(node).get(key), 0) + (selected(constraint, pod) ? 1 : 0);
            if (here - fewest > constraint.getMaxSkew()) {
                return Set.of("node(s) didn't match pod topology spread constraints");
            }
        }
        return Set.of();
    }
}
