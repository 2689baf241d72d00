package io.keelson.scheduler.plugins;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerImage;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.ContainerRestartRule;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.NodeSelectorTermBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.PodAffinityTermBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PreferredSchedulingTerm;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;
import io.fabric8.kubernetes.api.model.WeightedPodAffinityTerm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Nodes and pods made of few values, so that they often have to do with each other. The same seed makes the same. */
final class RandomObjects {
    static final String ZONE = "topology.kubernetes.io/zone";
    static final String HOSTNAME = "kubernetes.io/hostname";
    static final String GPU = "example.com/gpu";
    private static final long MIB = 1024 * 1024;
    private static final Map<String, Long> IMAGES =
            Map.of("img/a:1", 700 * MIB, "img/b:latest", 1900 * MIB, "img/c@sha256:1", 10 * MIB);

    private final Random random;

    RandomObjects(long seed) {
        random = new Random(seed);
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    boolean oneIn(int count) {
        return random.nextInt(count) == 0;
    }

    @SafeVarargs
    final <T> T any(T... values) {
        return values[random.nextInt(values.length)];
    }

    @SafeVarargs
    private <T> @Nullable T orNone(T... values) {
        int place = random.nextInt(values.length + 1);
        return place == values.length ? null : values[place];
    }

    private <T> List<T> some(int most, Supplier<T> one) {
        List<T> list = new ArrayList<>();
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            list.add(one.get());
        }
        return list;
    }

    private <T> List<T> rarely(int most, Supplier<T> one) {
        return oneIn(3) ? some(most, one) : List.of();
    }

    Map<String, String> labels() {
        Map<String, String> labels = new HashMap<>();
        if (!oneIn(4)) {
            labels.put("app", any("a", "b"));
        }
        if (!oneIn(3)) {
            labels.put("version", any("1", "2"));
        }
        return labels;
    }

    Node node(String name) {
        Map<String, String> labels = new HashMap<>();
        if (!oneIn(8)) {
            labels.put(HOSTNAME, name);
        }
        if (!oneIn(5)) {
            labels.put(ZONE, any("east", "west"));
        }
        if (oneIn(2)) {
            labels.put("rack", any("1", "2", "3", "none"));
        }
        Map<String, Quantity> allocatable = new HashMap<>();
        allocatable.put("cpu", new Quantity(any("1", "2", "3500m", "8")));
        allocatable.put("memory", new Quantity(any("1Gi", "2Gi", "8G")));
        allocatable.put("pods", new Quantity(any("1", "3", "110")));
        if (oneIn(2)) {
            allocatable.put(GPU, new Quantity(any("0", "1", "4")));
        }
        if (oneIn(2)) {
            allocatable.put("ephemeral-storage", new Quantity(any("1Gi", "10Gi")));
        }
        List<ContainerImage> images = new ArrayList<>();
        IMAGES.forEach((image, size) -> {
            if (oneIn(2)) {
                images.add(new ContainerImage(List.of(image, "alias/" + image), size));
            }
        });
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels)
                .endMetadata()
                .withNewSpec()
                .withUnschedulable(oneIn(6) ? Boolean.TRUE : null)
                .withTaints(rarely(2, this::taint))
                .endSpec()
                .withNewStatus()
                .withAllocatable(allocatable)
                .withImages(images)
                .withDeclaredFeatures(
                        oneIn(3)
                                ? List.of()
                                : List.of(
                                        "RestartAllContainersOnContainerExits",
                                        any("UserNamespacesHostNetworkSupport", "Other")))
                .endStatus()
                .build();
    }

    private Taint taint() {
        return new TaintBuilder()
                .withKey(any("dedicated", "broken"))
                .withValue(orNone("x", "y"))
                .withEffect(any("NoSchedule", "NoExecute", "PreferNoSchedule"))
                .build();
    }

    private Toleration toleration() {
        boolean exists = oneIn(2);
        return new TolerationBuilder()
                .withKey(
                        exists && oneIn(4)
                                ? null
                                : any("dedicated", "broken", "broken", "node.kubernetes.io/unschedulable"))
                .withOperator(exists ? "Exists" : orNone("Equal"))
                .withValue(exists ? null : orNone("x", "y"))
                .withEffect(orNone("NoSchedule", "NoExecute", "PreferNoSchedule"))
                .build();
    }

    Pod pod(String uid) {
        boolean nodeNamed = oneIn(20);
        return new PodBuilder()
                .withNewMetadata()
                .withName(uid)
                .withUid(uid)
                .withNamespace(any("one", "two", "three"))
                .withLabels(labels())
                .withDeletionTimestamp(oneIn(8) ? "2026-01-01T00:00:00Z" : null)
                .endMetadata()
                .withNewSpec()
                .withNodeName(nodeNamed ? "node" + below(3) : null)
                .withNodeSelector(oneIn(5) ? Map.of(ZONE, any("east", "west")) : null)
                .withContainers(containers())
                .withInitContainers(rarely(3, () -> container(true)))
                .withOverhead(oneIn(5) ? Map.of("cpu", new Quantity("250m")) : null)
                .withTolerations(rarely(3, this::toleration))
                .withAffinity(oneIn(3) ? null : affinity())
                .withTopologySpreadConstraints(rarely(2, this::spread))
                .withHostNetwork(orNone(true, false))
                .withHostUsers(orNone(true, false))
                .endSpec()
                .build();
    }

    private List<Container> containers() {
        List<Container> containers = new ArrayList<>(List.of(container(false)));
        if (oneIn(3)) {
            containers.add(container(false));
        }
        return containers;
    }

    private Container container(boolean init) {
        Map<String, Quantity> requests = new HashMap<>();
        if (oneIn(2)) {
            requests.put("cpu", new Quantity(any("0", "100m", "700m", "1", "2", "0.0001")));
        }
        if (oneIn(2)) {
            requests.put("memory", new Quantity(any("100Mi", "500M", "1Gi", "0")));
        }
        if (oneIn(5)) {
            requests.put(GPU, new Quantity(any("0", "1", "2")));
        }
        if (oneIn(5)) {
            requests.put("ephemeral-storage", new Quantity(any("500Mi", "1Gi", "3Gi")));
        }
        return new ContainerBuilder()
                .withName("main")
                .withImage(any("img/a:1", "img/b", "img/c@sha256:1", "host:5000/other"))
                .withRestartPolicy(init ? orNone("Always") : null)
                .withRestartPolicyRules(
                        rarely(2, () -> new ContainerRestartRule(any("Restart", "RestartAllContainers"), null)))
                .withNewResources()
                .withRequests(requests)
                .endResources()
                .withPorts(rarely(2, this::port))
                .build();
    }

    private ContainerPort port() {
        return new ContainerPortBuilder()
                .withContainerPort(80)
                .withHostPort(orNone(80, 81))
                .withHostIP(orNone("0.0.0.0", "10.0.0.1", "10.0.0.2"))
                .withProtocol(orNone("TCP", "UDP"))
                .build();
    }

    private Affinity affinity() {
        AffinityBuilder affinity = new AffinityBuilder();
        if (oneIn(3)) {
            affinity.withNewNodeAffinity()
                    .withPreferredDuringSchedulingIgnoredDuringExecution(
                            some(2, () -> new PreferredSchedulingTerm(nodeTerm(), any(1, 5, 100))))
                    .endNodeAffinity();
        }
        if (oneIn(4)) {
            affinity.editOrNewNodeAffinity()
                    .withNewRequiredDuringSchedulingIgnoredDuringExecution()
                    .withNodeSelectorTerms(some(2, this::nodeTerm))
                    .endRequiredDuringSchedulingIgnoredDuringExecution()
                    .endNodeAffinity();
        }
        if (oneIn(2)) {
            affinity.withNewPodAffinity()
                    .withRequiredDuringSchedulingIgnoredDuringExecution(rarely(2, this::podTerm))
                    .withPreferredDuringSchedulingIgnoredDuringExecution(rarely(2, this::weightedPodTerm))
                    .endPodAffinity();
        }
        if (oneIn(2)) {
            affinity.withNewPodAntiAffinity()
                    .withRequiredDuringSchedulingIgnoredDuringExecution(rarely(2, this::podTerm))
                    .withPreferredDuringSchedulingIgnoredDuringExecution(rarely(2, this::weightedPodTerm))
                    .endPodAntiAffinity();
        }
        return affinity.build();
    }

    private NodeSelectorTerm nodeTerm() {
        NodeSelectorTermBuilder term = new NodeSelectorTermBuilder();
        for (int i = below(3); i > 0; i--) {
            String operator = any("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt");
            List<String> values = switch (operator) {
                case "In", "NotIn" -> List.of(any("east", "2"), any("west", "1"));
                case "Gt", "Lt" -> List.of(any("1", "2", "x"));
                default -> List.of();
            };
            term.addToMatchExpressions(new NodeSelectorRequirement(any(ZONE, "rack", "rack"), operator, values));
        }
        if (oneIn(6)) {
            term.addToMatchFields(
                    new NodeSelectorRequirement("metadata.name", any("In", "NotIn"), List.of("node" + below(4))));
        }
        return term.build();
    }

    private WeightedPodAffinityTerm weightedPodTerm() {
        return new WeightedPodAffinityTerm(podTerm(), any(1, 7, 100));
    }

    private PodAffinityTerm podTerm() {
        LabelSelector selector = podSelector();
        return new PodAffinityTermBuilder()
                .withTopologyKey(any(ZONE, HOSTNAME, "rack"))
                .withLabelSelector(selector)
                .withNamespaces(some(1, () -> any("one", "two")))
                .withNamespaceSelector(oneIn(3) ? namespaceSelector() : null)
                .withMatchLabelKeys(selector != null && oneIn(4) ? List.of("version") : null)
                .withMismatchLabelKeys(selector != null && oneIn(6) ? List.of("app") : null)
                .build();
    }

    private @Nullable LabelSelector podSelector() {
        return switch (below(6)) {
            case 0 -> null;
            case 1 -> new LabelSelector();
            case 2 ->
                new LabelSelectorBuilder()
                        .addNewMatchExpression()
                        .withKey("version")
                        .withOperator(any("In", "NotIn"))
                        .withValues("1")
                        .endMatchExpression()
                        .build();
            case 3 ->
                new LabelSelectorBuilder()
                        .addToMatchLabels("app", any("a", "b"))
                        .addNewMatchExpression()
                        .withKey("version")
                        .withOperator(any("Exists", "DoesNotExist"))
                        .endMatchExpression()
                        .build();
            default ->
                new LabelSelectorBuilder()
                        .addToMatchLabels("app", any("a", "b"))
                        .build();
        };
    }

    private LabelSelector namespaceSelector() {
        return oneIn(3)
                ? new LabelSelector()
                : new LabelSelectorBuilder()
                        .addToMatchLabels("app", any("a", "b"))
                        .build();
    }

    private TopologySpreadConstraint spread() {
        LabelSelector selector = podSelector();
        boolean required = oneIn(2);
        return new TopologySpreadConstraintBuilder()
                .withTopologyKey(any(ZONE, HOSTNAME, "rack"))
                .withLabelSelector(selector)
                .withMatchLabelKeys(selector != null && oneIn(3) ? List.of("version", "absent") : null)
                .withMaxSkew(1 + below(2))
                .withWhenUnsatisfiable(required ? "DoNotSchedule" : "ScheduleAnyway")
                .withMinDomains(required ? orNone(1, 2, 3) : null)
                .withNodeAffinityPolicy(orNone("Honor", "Ignore"))
                .withNodeTaintsPolicy(orNone("Honor", "Ignore"))
                .build();
    }
}
