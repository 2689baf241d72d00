package io.keelson.controllers.podautoscaler;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.autoscaling.v2.CrossVersionObjectReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Milli;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.ScaleSubresources;
import java.net.HttpURLConnection;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads metrics from the three APIs that serve them: of resources, of one's own, and of what is outside of the cluster.
 */
final class MetricsApi {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration USUAL_WINDOW = Duration.ofMinutes(1);
    private static final String RESOURCE = "resource metrics API";
    private static final String CUSTOM = "custom metrics API";
    private static final String EXTERNAL = "external metrics API";
    private static final Pattern WINDOW =
            Pattern.compile("(?:(\\d{1,6})h)?(?:(\\d{1,6})m)?(?:(\\d{1,6})(?:\\.\\d+)?s)?");

    private final KubernetesClient client;
    private final ScaleSubresources kinds;

    MetricsApi(KubernetesClient client, ScaleSubresources kinds) {
        this.client = client;
        this.kinds = kinds;
    }

    /**
     * What pods use of a resource, by their names. One that has a container that was not measured is left out.
     *
     * @param selector of the pods
     * @param container which one alone counts; empty for all
     * @throws MetricException if there is none, or the API cannot be asked
     */
    Map<String, PodMetric> resource(String namespace, String selector, String resource, String container)
            throws MetricException {
        String path =
                "/apis/metrics.k8s.io/v1beta1/namespaces/" + namespace + "/pods" + query("labelSelector", selector);
        Map<String, PodMetric> metrics = new HashMap<>();
        for (JsonNode pod : items(path, RESOURCE, "pods.metrics.k8s.io")) {
            String name = pod.path("metadata").path("name").asText("");
            Long milli = used(pod, namespace, resource, container);
            if (milli != null) {
                metrics.put(
                        name, new PodMetric(time(pod), window(pod.path("window").asText("")), milli));
            }
        }
        return metrics;
    }

    private static @Nullable Long used(JsonNode pod, String namespace, String resource, String container)
            throws MetricException {
        List<Long> used = new ArrayList<>();
        for (JsonNode one : pod.path("containers")) {
            if (!container.isEmpty() && !container.equals(one.path("name").asText(""))) {
                continue;
            }
            String value = one.path("usage").path(resource).asText("");
            if (value.isEmpty()) {
                return null;
            }
            used.add(milli(value, RESOURCE));
        }
        if (used.isEmpty() && !container.isEmpty()) {
            throw new MetricException("container %s not present in metrics for pod %s/%s"
                    .formatted(
                            container,
                            namespace,
                            pod.path("metadata").path("name").asText("")));
        }
        return Milli.sum(used);
    }

    /** A metric of pods, by their names. */
    Map<String, PodMetric> ofPods(String namespace, String selector, String metric, String metricSelector)
            throws MetricException {
        String path = custom(namespace) + "/pods/*/" + segment(metric) + query("labelSelector", selector);
        Map<String, PodMetric> metrics = new HashMap<>();
        for (JsonNode item : items(path + and(metricSelector), CUSTOM, "*.custom.metrics.k8s.io")) {
            JsonNode seconds = item.path("windowSeconds");
            metrics.put(
                    item.path("describedObject").path("name").asText(""),
                    new PodMetric(
                            time(item),
                            seconds.isNumber() ? Duration.ofSeconds(seconds.asLong()) : USUAL_WINDOW,
                            milli(item.path("value").asText(""), CUSTOM)));
        }
        return metrics;
    }

    /** A metric of one object, in thousandths. */
    long ofObject(String namespace, CrossVersionObjectReference object, String metric, String metricSelector)
            throws MetricException {
        String of;
        String group = OrEmpty.of(object.getApiVersion());
        if (object.getKind().equals("Namespace") && group.indexOf('/') < 0) {
            of = custom(namespace) + "/metrics/";
        } else {
            ScaleSubresources.Kind kind = kind(object);
            of = custom(namespace) + '/' + kind.resource() + '/' + object.getName() + '/';
        }
        String query = metricSelector.isEmpty() ? "" : query("metricLabelSelector", metricSelector);
        JsonNode item = items(of + segment(metric) + query, CUSTOM, "*.custom.metrics.k8s.io")
                .get(0);
        return milli(item.path("value").asText(""), CUSTOM);
    }

    private ScaleSubresources.Kind kind(CrossVersionObjectReference object) throws MetricException {
        String version = OrEmpty.of(object.getApiVersion());
        ScaleSubresources.Kind kind;
        try {
            kind = kinds.find(version.isEmpty() ? "v1" : version, object.getKind());
        } catch (KubernetesClientException e) {
            throw unable(CUSTOM, e);
        }
        if (kind == null) {
            throw new MetricException("unable to fetch metrics from custom metrics API: no matches for kind \""
                    + object.getKind() + "\" in version \"" + version + '"');
        }
        return kind;
    }

    /** A metric of what is outside of the cluster: the sum of its series, in thousandths. */
    long external(String namespace, String metric, String metricSelector) throws MetricException {
        String path = "/apis/external.metrics.k8s.io/v1beta1/namespaces/" + namespace + '/' + segment(metric)
                + query("labelSelector", metricSelector);
        List<Long> values = new ArrayList<>();
        for (JsonNode item : items(path, EXTERNAL, metric + ".external.metrics.k8s.io")) {
            values.add(milli(item.path("value").asText(""), EXTERNAL));
        }
        return Milli.sum(values);
    }

    /** The newest version of the custom metrics that is served. */
    private String custom(String namespace) throws MetricException {
        JsonNode group = read("/apis/custom.metrics.k8s.io", CUSTOM, "custom.metrics.k8s.io");
        boolean second = false;
        for (JsonNode version : group.path("versions")) {
            second |= version.path("version").asText("").equals("v1beta2");
        }
        return "/apis/custom.metrics.k8s.io/" + (second ? "v1beta2" : "v1beta1") + "/namespaces/" + namespace;
    }

    private JsonNode items(String path, String api, String what) throws MetricException {
        JsonNode items = read(path, api, what).path("items");
        if (items.isEmpty()) {
            throw new MetricException("no metrics returned from " + api);
        }
        return items;
    }

    private JsonNode read(String path, String api, String what) throws MetricException {
        try {
            String text = client.raw(path, "GET", null);
            if (text == null) {
                throw missing(api, what);
            }
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new MetricException("unable to fetch metrics from " + api + ": " + e.getOriginalMessage());
        } catch (KubernetesClientException e) {
            throw e.getCode() == HttpURLConnection.HTTP_NOT_FOUND ? missing(api, what) : unable(api, e);
        }
    }

    private static MetricException missing(String api, String what) {
        return new MetricException("unable to fetch metrics from " + api
                + ": the server could not find the requested resource (get " + what + ')');
    }

    private static MetricException unable(String api, KubernetesClientException e) {
        String told = e.getStatus() == null ? null : e.getStatus().getMessage();
        return new MetricException(
                "unable to fetch metrics from " + api + ": " + (told == null ? e.getMessage() : told));
    }

    private static long milli(String quantity, String api) throws MetricException {
        try {
            return Milli.of(new Quantity(quantity));
        } catch (IllegalArgumentException e) {
            throw new MetricException(
                    "unable to fetch metrics from " + api + ": not a quantity: \"" + quantity + '"', e);
        }
    }

    private static Instant time(JsonNode metric) {
        Instant time = Pods.time(metric.path("timestamp").asText(""));
        return time == null ? Instant.EPOCH : time;
    }

    private static Duration window(String text) {
        Matcher matcher = WINDOW.matcher(text);
        if (text.isEmpty() || !matcher.matches()) {
            return Duration.ZERO;
        }
        return Duration.ofHours(number(matcher.group(1)))
                .plusMinutes(number(matcher.group(2)))
                .plusSeconds(number(matcher.group(3)));
    }

    private static long number(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    private static String query(String name, String value) {
        return value.isEmpty() ? "" : '?' + name + '=' + encoded(value);
    }

    private static String and(String metricSelector) {
        return metricSelector.isEmpty() ? "" : "&metricLabelSelector=" + encoded(metricSelector);
    }

    private static String segment(String name) {
        return encoded(name).replace("+", "%20");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
