package io.keelson.controllers.hollow;

import io.keelson.metrics.Amount;
import io.keelson.metrics.Metrics;
import io.keelson.metrics.MetricsAnswers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What hollow nodes and pods use, as {@code metrics.k8s.io/v1beta1} tells it. */
final class ResourceMetrics implements AggregatedApi.Answers, Metrics {
    static final String GROUP_VERSION = MetricsAnswers.GROUP_VERSION;
    private static final Duration WINDOW = Duration.ofSeconds(15);
    private static final long MILLI_OF_KIBI = 1024L * 1000;

    private final Supplier<Stream<MeasuredPod>> pods;
    private final Supplier<Map<String, Map<String, String>>> nodes;
    private final InstantSource clock;
    private final MetricsAnswers answers;

    /**
     * Metrics.
     *
     * @param pods those that run
     * @param nodes those that are there, with their labels
     */
    ResourceMetrics(
            Supplier<Stream<MeasuredPod>> pods, Supplier<Map<String, Map<String, String>>> nodes, InstantSource clock) {
        this.pods = pods;
        this.nodes = nodes;
        this.clock = clock;
        answers = new MetricsAnswers(this, clock);
    }

    @Override
    public @Nullable String answer(String path, Map<String, String> query) {
        return answers.answer(path, query, "");
    }

    @Override
    public Stream<OfPod> pods(String namespace) {
        return pods.get()
                .filter(pod -> namespace.isEmpty() || namespace.equals(pod.key().namespace()))
                .map(this::measured);
    }

    @Override
    public Optional<OfPod> pod(String namespace, String name) {
        return pods(namespace).filter(pod -> pod.name().equals(name)).findFirst();
    }

    private OfPod measured(MeasuredPod pod) {
        SortedMap<String, SortedMap<String, Amount>> containers = new TreeMap<>();
        for (int i = 0; i < pod.containers().size(); i++) {
            SortedMap<String, Amount> usage = new TreeMap<>();
            for (String resource : pod.usage().keySet()) {
                usage.put(resource, amount(resource, pod.usage(resource, i)));
            }
            containers.put(pod.containers().get(i), usage);
        }
        return new OfPod(pod.key().namespace(), pod.key().name(), pod.labels(), clock.instant(), WINDOW, containers);
    }

    @Override
    public Stream<OfNode> nodes() {
        Map<String, Map<String, Long>> used = usedByNodes();
        return nodes.get().entrySet().stream()
                .map(node -> measured(node.getKey(), node.getValue(), used.getOrDefault(node.getKey(), Map.of())));
    }

    @Override
    public Optional<OfNode> node(String name) {
        Map<String, String> labels = nodes.get().get(name);
        return labels == null
                ? Optional.empty()
                : Optional.of(measured(name, labels, usedByNodes().getOrDefault(name, Map.of())));
    }

    private OfNode measured(String name, Map<String, String> labels, Map<String, Long> used) {
        SortedMap<String, Amount> usage = new TreeMap<>();
        usage.put("cpu", amount("cpu", 0));
        usage.put("memory", amount("memory", 0));
        used.forEach((resource, milli) -> usage.put(resource, amount(resource, milli)));
        return new OfNode(name, labels, clock.instant(), WINDOW, usage);
    }

    private Map<String, Map<String, Long>> usedByNodes() {
        Map<String, Map<String, Long>> used = new HashMap<>();
        pods.get()
                .forEach(pod -> pod.usage()
                        .forEach((resource, milli) -> used.computeIfAbsent(pod.node(), name -> new TreeMap<>())
                                .merge(resource, milli, ResourceMetrics::sum)));
        return used;
    }

    private static long sum(long one, long other) {
        return one > Long.MAX_VALUE - other ? Long.MAX_VALUE : one + other;
    }

    private static Amount amount(String resource, long milli) {
        return resource.equals("memory")
                ? new Amount(Math.ceilDiv(milli, MILLI_OF_KIBI) * 1024, Amount.Unit.BYTES)
                : new Amount(milli, Amount.Unit.MILLI);
    }
}
