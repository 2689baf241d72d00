package io.keelson.metrics;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Key;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the nodes and pods that there are use, by what their kubelets say. */
final class ClusterMetrics implements Metrics {
    private final Cache<Node> nodes;
    private final Cache<Pod> pods;
    private final Supplier<Measured> measured;

    ClusterMetrics(Cache<Node> nodes, Cache<Pod> pods, Supplier<Measured> measured) {
        this.nodes = nodes;
        this.pods = pods;
        this.measured = measured;
    }

    @Override
    public Stream<OfNode> nodes() {
        Measured now = measured.get();
        return nodes.all().stream().flatMap(node -> of(node, now).stream());
    }

    @Override
    public Optional<OfNode> node(String name) {
        return of(nodes.get("", name), measured.get());
    }

    @Override
    public Stream<OfPod> pods(String namespace) {
        Measured now = measured.get();
        List<Pod> there = namespace.isEmpty() ? pods.all() : pods.in(namespace);
        return there.stream().flatMap(pod -> of(pod, now).stream());
    }

    @Override
    public Optional<OfPod> pod(String namespace, String name) {
        return of(pods.get(namespace, name), measured.get());
    }

    private static Optional<OfNode> of(@Nullable Node node, Measured now) {
        if (node == null) {
            return Optional.empty();
        }
        String name = node.getMetadata().getName();
        Usage usage = now.nodes().get(name);
        return usage == null
                ? Optional.empty()
                : Optional.of(new OfNode(name, labels(node), usage.time(), usage.window(), amounts(usage)));
    }

    private static Optional<OfPod> of(@Nullable Pod pod, Measured now) {
        SortedMap<String, Usage> usages = pod == null ? null : now.pods().get(Key.of(pod));
        if (pod == null || usages == null || usages.isEmpty()) {
            return Optional.empty();
        }
        SortedMap<String, SortedMap<String, Amount>> containers = new TreeMap<>();
        Instant earliest = Instant.MAX;
        Duration window = Duration.ZERO;
        for (Map.Entry<String, Usage> each : usages.entrySet()) {
            containers.put(each.getKey(), amounts(each.getValue()));
            if (each.getValue().time().isBefore(earliest)) {
                earliest = each.getValue().time();
                window = each.getValue().window();
            }
        }
        return Optional.of(new OfPod(
                pod.getMetadata().getNamespace(),
                pod.getMetadata().getName(),
                labels(pod),
                earliest,
                window,
                containers));
    }

    private static Map<String, String> labels(HasMetadata object) {
        return OrEmpty.of(object.getMetadata().getLabels());
    }

    private static SortedMap<String, Amount> amounts(Usage usage) {
        return new TreeMap<>(Map.of(
                "cpu", new Amount(usage.cpuNanocores(), Amount.Unit.NANO),
                "memory", new Amount(usage.memoryBytes(), Amount.Unit.BYTES)));
    }
}
