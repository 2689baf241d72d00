package io.keelson.metrics;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.controllers.objects.GoDuration;
import io.keelson.controllers.objects.SelectorParser;
import io.keelson.controllers.objects.Selectors;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Answers what is asked of {@code metrics.k8s.io/v1beta1}, in JSON. Any thread. */
public final class MetricsAnswers {
    /** The group and the version. */
    public static final String GROUP_VERSION = MetricsPath.GROUP + '/' + MetricsPath.VERSION;

    private static final JsonMapper JSON = new JsonMapper();

    private final Metrics metrics;
    private final InstantSource clock;

    /** Answers out of some metrics. */
    public MetricsAnswers(Metrics metrics, InstantSource clock) {
        this.metrics = metrics;
        this.clock = clock;
    }

    /**
     * Answers a GET.
     *
     * @param path begins with {@code /apis}
     * @param query each parameter with its first value
     * @param accept what the client wants; a table, if that is among it
     * @return JSON; null if there is no such object
     * @throws IllegalArgumentException if it makes no sense; its message is to be shown
     */
    public @Nullable String answer(String path, Map<String, String> query, String accept) {
        ObjectNode answer = switch (MetricsPath.parse(path)) {
            case null -> null;
            case MetricsPath.Groups _ -> MetricsDiscovery.groups();
            case MetricsPath.Group _ -> MetricsDiscovery.group();
            case MetricsPath.Resources _ -> MetricsDiscovery.resources();
            case MetricsPath.Objects objects -> objects(objects, query, MetricsTable.isWanted(accept));
        };
        return answer == null ? null : answer.toString();
    }

    private @Nullable ObjectNode objects(MetricsPath.Objects wanted, Map<String, String> query, boolean asTable) {
        if (!wanted.name().isEmpty()) {
            return wanted.isNodes()
                    ? shown(metrics.node(wanted.name()).map(this::node), asTable)
                    : shown(metrics.pod(wanted.namespace(), wanted.name()).map(this::pod), asTable);
        }
        if (Boolean.parseBoolean(query.getOrDefault("watch", "false"))) {
            throw new IllegalArgumentException("metrics cannot be watched: list them again");
        }
        String labelSelector = query.getOrDefault("labelSelector", "");
        Predicate<Map<String, String>> labels =
                labelSelector.isEmpty() ? _ -> true : Selectors.of(SelectorParser.parse(labelSelector));
        NameSelector names = NameSelector.parse(query.getOrDefault("fieldSelector", ""));
        List<Row> rows = wanted.isNodes()
                ? metrics.nodes()
                        .filter(node -> labels.test(node.labels()) && names.selects("", node.name()))
                        .sorted(Comparator.comparing(Metrics.OfNode::name))
                        .map(this::node)
                        .toList()
                : metrics.pods(wanted.namespace())
                        .filter(pod -> labels.test(pod.labels()) && names.selects(pod.namespace(), pod.name()))
                        .sorted(Comparator.comparing(Metrics.OfPod::namespace).thenComparing(Metrics.OfPod::name))
                        .map(this::pod)
                        .toList();
        if (asTable) {
            return MetricsTable.of(rows);
        }
        ObjectNode list = JSON.createObjectNode()
                .put("kind", wanted.isNodes() ? "NodeMetricsList" : "PodMetricsList")
                .put("apiVersion", GROUP_VERSION);
        list.putObject("metadata");
        ArrayNode items = list.putArray("items");
        rows.forEach(row -> items.add(row.object()));
        return list;
    }

    private static @Nullable ObjectNode shown(Optional<Row> found, boolean asTable) {
        return found.map(row -> asTable ? MetricsTable.of(List.of(row)) : row.object())
                .orElse(null);
    }

    /**
     * An object, and what of it stands in a table.
     *
     * @param usage of all containers together
     */
    record Row(ObjectNode object, String name, SortedMap<String, Amount> usage, String window) {}

    private Row node(Metrics.OfNode node) {
        String window = GoDuration.text(node.window());
        ObjectNode object = object("NodeMetrics", node.name(), "", node.labels(), node.time(), window);
        put(object.putObject("usage"), node.usage());
        return new Row(object, node.name(), node.usage(), window);
    }

    private Row pod(Metrics.OfPod pod) {
        String window = GoDuration.text(pod.window());
        ObjectNode object = object("PodMetrics", pod.name(), pod.namespace(), pod.labels(), pod.time(), window);
        ArrayNode containers = object.putArray("containers");
        SortedMap<String, Amount> sums = new TreeMap<>();
        pod.containers().forEach((name, usage) -> {
            put(containers.addObject().put("name", name).putObject("usage"), usage);
            usage.forEach((resource, amount) -> sums.merge(resource, amount, Amount::plus));
        });
        return new Row(object, pod.name(), sums, window);
    }

    private ObjectNode object(
            String kind, String name, String namespace, Map<String, String> labels, Instant time, String window) {
        ObjectNode object = JSON.createObjectNode().put("kind", kind).put("apiVersion", GROUP_VERSION);
        ObjectNode metadata = object.putObject("metadata").put("name", name);
        if (!namespace.isEmpty()) {
            metadata.put("namespace", namespace);
        }
        metadata.put("creationTimestamp", seconds(clock.instant()));
        if (!labels.isEmpty()) {
            ObjectNode written = metadata.putObject("labels");
            new TreeMap<>(labels).forEach(written::put);
        }
        return object.put("timestamp", seconds(time)).put("window", window);
    }

    private static String seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static void put(ObjectNode usage, SortedMap<String, Amount> amounts) {
        amounts.forEach((resource, amount) -> usage.put(resource, amount.text()));
    }
}
