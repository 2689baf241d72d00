package io.keelson.controllers.hollow;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.controllers.objects.SelectorParser;
import io.keelson.controllers.objects.Selectors;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What hollow nodes and pods use, as {@code metrics.k8s.io/v1beta1} tells it. */
final class ResourceMetrics implements AggregatedApi.Answers {
    static final String GROUP_VERSION = "metrics.k8s.io/v1beta1";
    private static final String ROOT = "/apis/" + GROUP_VERSION;
    private static final String WINDOW = "15s";
    private static final JsonMapper JSON = new JsonMapper();

    private final Supplier<Stream<MeasuredPod>> pods;
    private final Supplier<Map<String, Map<String, String>>> nodes;
    private final InstantSource clock;

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
    }

    @Override
    public @Nullable String answer(String path, Map<String, String> query) {
        if (path.equals(ROOT)) {
            return resources();
        }
        if (!path.startsWith(ROOT + '/')) {
            return null;
        }
        if (!query.getOrDefault("fieldSelector", "").isEmpty()) {
            throw new IllegalArgumentException("metrics of simulated nodes know no field selectors");
        }
        Predicate<Map<String, String>> selected = selected(query.getOrDefault("labelSelector", ""));
        String[] parts = path.substring(ROOT.length() + 1).split("/", -1);
        return switch (parts) {
            case String[] all when all.length == 1 && all[0].equals("pods") -> pods("", selected);
            case String[] in when in.length == 3 && isPods(in) -> pods(in[1], selected);
            case String[] one when one.length == 4 && isPods(one) -> pod(one[1], one[3]);
            case String[] all when all.length == 1 && all[0].equals("nodes") -> nodes(selected);
            case String[] one when one.length == 2 && one[0].equals("nodes") -> node(one[1]);
            default -> null;
        };
    }

    private static boolean isPods(String[] parts) {
        return parts[0].equals("namespaces") && parts[2].equals("pods");
    }

    private static Predicate<Map<String, String>> selected(String text) {
        return text.isEmpty() ? labels -> true : Selectors.of(SelectorParser.parse(text));
    }

    private static String resources() {
        ObjectNode list = JSON.createObjectNode()
                .put("kind", "APIResourceList")
                .put("apiVersion", "v1")
                .put("groupVersion", GROUP_VERSION);
        ArrayNode resources = list.putArray("resources");
        resource(resources, "nodes", "NodeMetrics", false);
        resource(resources, "pods", "PodMetrics", true);
        return list.toString();
    }

    private static void resource(ArrayNode resources, String name, String kind, boolean namespaced) {
        resources
                .addObject()
                .put("name", name)
                .put("singularName", "")
                .put("namespaced", namespaced)
                .put("kind", kind)
                .putArray("verbs")
                .add("get")
                .add("list");
    }

    private String pods(String namespace, Predicate<Map<String, String>> selected) {
        List<MeasuredPod> found = pods.get()
                .filter(pod -> namespace.isEmpty() || namespace.equals(pod.key().namespace()))
                .filter(pod -> selected.test(pod.labels()))
                .sorted(Comparator.comparing((MeasuredPod pod) -> pod.key().namespace())
                        .thenComparing(pod -> pod.key().name()))
                .toList();
        ObjectNode list = list("PodMetricsList");
        ArrayNode items = list.withArray("items");
        found.forEach(pod -> items.add(item(pod)));
        return list.toString();
    }

    private @Nullable String pod(String namespace, String name) {
        return pods.get()
                .filter(pod -> pod.key().namespace().equals(namespace)
                        && pod.key().name().equals(name))
                .findFirst()
                .map(pod -> item(pod).toString())
                .orElse(null);
    }

    private ObjectNode item(MeasuredPod pod) {
        ObjectNode item = measured("PodMetrics", pod.key().name(), pod.labels());
        item.withObject("metadata").put("namespace", pod.key().namespace());
        ArrayNode containers = item.putArray("containers");
        for (int i = 0; i < pod.containers().size(); i++) {
            ObjectNode container =
                    containers.addObject().put("name", pod.containers().get(i));
            Map<String, Long> usage = new TreeMap<>();
            for (String resource : pod.usage().keySet()) {
                usage.put(resource, pod.usage(resource, i));
            }
            amounts(container.putObject("usage"), usage);
        }
        return item;
    }

    private String nodes(Predicate<Map<String, String>> selected) {
        Map<String, Map<String, Long>> used = usedByNodes();
        ObjectNode list = list("NodeMetricsList");
        ArrayNode items = list.withArray("items");
        nodes.get().forEach((name, labels) -> {
            if (selected.test(labels)) {
                items.add(node(name, labels, used.getOrDefault(name, Map.of())));
            }
        });
        return list.toString();
    }

    private @Nullable String node(String name) {
        Map<String, String> labels = nodes.get().get(name);
        return labels == null
                ? null
                : node(name, labels, usedByNodes().getOrDefault(name, Map.of())).toString();
    }

    private ObjectNode node(String name, Map<String, String> labels, Map<String, Long> used) {
        Map<String, Long> all = new TreeMap<>(Map.of("cpu", 0L, "memory", 0L));
        all.putAll(used);
        ObjectNode item = measured("NodeMetrics", name, labels);
        amounts(item.putObject("usage"), all);
        return item;
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

    private static void amounts(ObjectNode usage, Map<String, Long> milli) {
        milli.forEach((resource, amount) -> usage.put(
                resource, resource.equals("memory") ? Math.ceilDiv(amount, 1024L * 1000) + "Ki" : amount + "m"));
    }

    private static ObjectNode list(String kind) {
        ObjectNode list = JSON.createObjectNode().put("kind", kind).put("apiVersion", GROUP_VERSION);
        list.putObject("metadata");
        list.putArray("items");
        return list;
    }

    private ObjectNode measured(String kind, String name, Map<String, String> labels) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        ObjectNode item = JSON.createObjectNode().put("kind", kind).put("apiVersion", GROUP_VERSION);
        ObjectNode metadata = item.putObject("metadata").put("name", name).put("creationTimestamp", now.toString());
        if (!labels.isEmpty()) {
            ObjectNode written = metadata.putObject("labels");
            labels.forEach(written::put);
        }
        return item.put("timestamp", now.toString()).put("window", WINDOW);
    }
}
