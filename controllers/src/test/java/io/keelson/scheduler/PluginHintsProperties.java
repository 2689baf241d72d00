package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.fabric8.kubernetes.api.model.ContainerRestartRule;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Taint;
import io.keelson.controllers.runtime.Change;
import io.keelson.scheduler.decision.Decider;
import io.keelson.scheduler.decision.Decision;
import io.keelson.scheduler.queue.QueuedPod;
import io.keelson.scheduler.queue.SchedulingQueue;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.PodInfo;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** However the cluster changes: a pod that some node could take does not go on waiting for something to happen. */
class PluginHintsProperties {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final int WAITING = 12;
    private static final int STEPS = 60;

    private final Random random = new Random();
    private final Plugins plugins = DefaultPlugins.make();
    private final ClusterState state = new ClusterState();
    private final SchedulingQueue queue = new SchedulingQueue(new PluginHints(plugins.filters(), state));
    private final ObservedCluster cluster = new ObservedCluster(state, event -> queue.happened(event, NOW));
    private final Decider decider = new Decider(plugins.filters(), plugins.scores(), 100, random);
    private final Map<String, Node> nodes = new HashMap<>();
    private final Map<String, Pod> placed = new HashMap<>();

    private String any(String... words) {
        return words[random.nextInt(words.length)];
    }

    private Node node(String name) {
        NodeBuilder node = new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(Map.of("zone", any("x", "y"), "kubernetes.io/hostname", name))
                .endMetadata()
                .withNewSpec()
                .withUnschedulable(random.nextInt(4) == 0)
                .endSpec()
                .withNewStatus()
                .withAllocatable(Map.of("cpu", new Quantity(any("1", "2", "3")), "pods", new Quantity("5")))
                .withDeclaredFeatures(
                        random.nextBoolean() ? List.of("RestartAllContainersOnContainerExits") : List.of())
                .endStatus();
        if (random.nextInt(3) == 0) {
            node.editSpec()
                    .withTaints(new Taint("NoSchedule", "key", null, "value"))
                    .endSpec();
        }
        return node.build();
    }

    private Pod pod(String name, String namespace) {
        PodBuilder pod = new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withUid(name)
                .withNamespace(namespace)
                .withLabels(Map.of("app", any("a", "b")))
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("main")
                .withNewResources()
                .withRequests(Map.of("cpu", new Quantity(any("500m", "1", "2"))))
                .endResources()
                .endContainer()
                .endSpec();
        var selector = new LabelSelectorBuilder()
                .withMatchLabels(Map.of("app", any("a", "b")))
                .build();
        switch (random.nextInt(8)) {
            case 7 ->
                pod.editSpec()
                        .editFirstContainer()
                        .withRestartPolicyRules(new ContainerRestartRule("RestartAllContainers", null))
                        .endContainer()
                        .endSpec();
            case 0 ->
                pod.editSpec().withNodeSelector(Map.of("zone", any("x", "y"))).endSpec();
            case 1 ->
                pod.editSpec()
                        .withNewAffinity()
                        .withNewPodAffinity()
                        .addNewRequiredDuringSchedulingIgnoredDuringExecution()
                        .withTopologyKey("zone")
                        .withLabelSelector(selector)
                        .withNamespaceSelector(
                                random.nextBoolean()
                                        ? new LabelSelectorBuilder()
                                                .withMatchLabels(Map.of("team", "red"))
                                                .build()
                                        : null)
                        .endRequiredDuringSchedulingIgnoredDuringExecution()
                        .endPodAffinity()
                        .endAffinity()
                        .endSpec();
            case 2 ->
                pod.editSpec()
                        .withNewAffinity()
                        .withNewPodAntiAffinity()
                        .addNewRequiredDuringSchedulingIgnoredDuringExecution()
                        .withTopologyKey(any("zone", "kubernetes.io/hostname"))
                        .withLabelSelector(selector)
                        .endRequiredDuringSchedulingIgnoredDuringExecution()
                        .endPodAntiAffinity()
                        .endAffinity()
                        .endSpec();
            case 3 ->
                pod.editSpec()
                        .addNewTopologySpreadConstraint()
                        .withTopologyKey("zone")
                        .withMaxSkew(1)
                        .withWhenUnsatisfiable("DoNotSchedule")
                        .withLabelSelector(selector)
                        .withNodeTaintsPolicy(any("Honor", "Ignore"))
                        .endTopologySpreadConstraint()
                        .endSpec();
            case 4 ->
                pod.editSpec()
                        .editFirstContainer()
                        .addNewPort()
                        .withContainerPort(80)
                        .withHostPort(80)
                        .endPort()
                        .endContainer()
                        .endSpec();
            case 5 ->
                pod.editSpec()
                        .addNewToleration()
                        .withOperator("Exists")
                        .endToleration()
                        .endSpec();
            default -> {}
        }
        return pod.build();
    }

    private Pod on(Pod pod, String node) {
        return new PodBuilder(pod).editSpec().withNodeName(node).endSpec().build();
    }

    private void change() {
        String node = "node-" + random.nextInt(4);
        String name = "placed-" + random.nextInt(8);
        Pod known = placed.get(name);
        switch (random.nextInt(8)) {
            case 0, 1 -> {
                Node now = node(node);
                cluster.node(new Change<>(nodes.put(node, now), now));
            }
            case 2 -> {
                Node gone = nodes.remove(node);
                if (gone != null) {
                    cluster.node(new Change<>(gone, null));
                }
            }
            case 3 -> {
                String namespace = any("one", "two");
                cluster.namespace(new Change<>(
                        null,
                        new NamespaceBuilder()
                                .withNewMetadata()
                                .withName(namespace)
                                .withLabels(Map.of("team", any("red", "blue")))
                                .endMetadata()
                                .build()));
            }
            case 4 -> {
                if (known != null) {
                    Pod now = new PodBuilder(known)
                            .editMetadata()
                            .withLabels(Map.of("app", any("a", "b")))
                            .withDeletionTimestamp(random.nextBoolean() ? "2026-01-01T00:00:00Z" : null)
                            .endMetadata()
                            .build();
                    placed.put(name, now);
                    cluster.assigned(now, false);
                }
            }
            default -> {
                if (known != null) {
                    placed.remove(name);
                    cluster.left(name);
                } else {
                    Pod now = on(pod(name, any("one", "two")), node);
                    placed.put(name, now);
                    cluster.assigned(now, false);
                }
            }
        }
    }

    private void decideAll() {
        for (QueuedPod next = queue.take(NOW); next != null; next = queue.take(NOW)) {
            switch (decider.decide(next.pod(), state)) {
                // It is not put anywhere, so that others go on waiting.
                case Decision.Chosen _ -> queue.remove(next.pod().uid());
                case Decision.Impossible impossible -> {
                    Set<String> filters = new HashSet<>();
                    impossible.rejections().values().forEach(each -> each.forEach(why -> filters.add(why.filter())));
                    queue.reject(next, filters, NOW);
                }
            }
        }
    }

    private void nothing() {
        List.copyOf(nodes.values()).forEach(node -> cluster.node(new Change<>(node, null)));
        List.copyOf(placed.keySet()).forEach(cluster::left);
        queue.unschedulable().forEach(waiting -> queue.remove(waiting.pod().uid()));
        nodes.clear();
        placed.clear();
        decideAll();
    }

    @Property(tries = 300)
    void nobodyWaitsWhoCouldRun(@ForAll long seed) {
        random.setSeed(seed);
        nothing();
        for (int i = 0; i < WAITING; i++) {
            queue.put(PodInfo.of(pod("waiting-" + i, any("one", "two")), state.table()), NOW);
        }
        decideAll();
        for (int step = 0; step < STEPS; step++) {
            change();
            for (QueuedPod waiting : queue.unschedulable()) {
                assertInstanceOf(
                        Decision.Impossible.class,
                        decider.decide(waiting.pod(), state),
                        () -> waiting.pod().pod().getSpec() + " waits for another of " + waiting.rejectedBy());
            }
            decideAll();
        }
    }
}
