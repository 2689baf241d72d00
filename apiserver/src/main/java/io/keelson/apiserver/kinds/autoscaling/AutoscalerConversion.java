package io.keelson.apiserver.kinds.autoscaling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.resource.Conversion;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Between version 1 of autoscalers, which knows nothing but the use of processors, and version 2. What version 1 has no field
 * for is kept in annotations there, as JSON.
 */
public final class AutoscalerConversion implements Conversion {
    private static final String PREFIX = "autoscaling.alpha.kubernetes.io/";
    private static final String METRICS = PREFIX + "metrics";
    private static final String BEHAVIOR = PREFIX + "behavior";
    private static final String CURRENT_METRICS = PREFIX + "current-metrics";
    private static final String CONDITIONS = PREFIX + "conditions";

    @Override
    public ObjectNode convert(ObjectNode object, String from, String to) {
        if (from.equals(to)) {
            return object;
        }
        return to.equals("v2") ? toTwo(object) : toOne(object);
    }

    private static ObjectNode toTwo(ObjectNode object) {
        ObjectNode spec = Fill.object(object, "spec");
        ArrayNode metrics = spec.arrayNode();
        if (taken(object, METRICS) instanceof ArrayNode others) {
            others.forEach(metric -> metrics.add(OldMetrics.toTwo(metric, false)));
        }
        JsonNode percent = spec.remove("targetCPUUtilizationPercentage");
        if (percent != null && percent.isNumber()) {
            ObjectNode metric = metrics.addObject().put("type", "Resource");
            metric.putObject("resource")
                    .put("name", "cpu")
                    .putObject("target")
                    .put("type", "Utilization")
                    .set("averageUtilization", percent);
        }
        if (!metrics.isEmpty()) {
            spec.set("metrics", metrics);
        }
        if (taken(object, BEHAVIOR) instanceof ObjectNode behavior) {
            spec.set("behavior", behavior);
        }
        status(object);
        return object;
    }

    private static void status(ObjectNode object) {
        JsonNode conditions = taken(object, CONDITIONS);
        JsonNode others = taken(object, CURRENT_METRICS);
        if (!(object.path("status") instanceof ObjectNode status)) {
            return;
        }
        JsonNode percent = status.remove("currentCPUUtilizationPercentage");
        ArrayNode metrics = status.arrayNode();
        if (others instanceof ArrayNode list) {
            list.forEach(metric -> metrics.add(OldMetrics.toTwo(metric, true)));
        } else if (percent != null && percent.isNumber()) {
            ObjectNode metric = metrics.addObject().put("type", "Resource");
            metric.putObject("resource").put("name", "cpu").putObject("current").set("averageUtilization", percent);
        }
        if (metrics.isEmpty()) {
            status.putNull("currentMetrics");
        } else {
            status.set("currentMetrics", metrics);
        }
        if (conditions instanceof ArrayNode) {
            status.set("conditions", conditions);
        }
    }

    private static ObjectNode toOne(ObjectNode object) {
        ObjectNode spec = Fill.object(object, "spec");
        ArrayNode others = spec.arrayNode();
        JsonNode metrics = spec.remove("metrics");
        for (JsonNode metric : metrics == null ? List.<JsonNode>of() : metrics) {
            JsonNode percent = metric.path("resource").path("target").path("averageUtilization");
            boolean cpu = metric.path("type").asText().equals("Resource")
                    && metric.path("resource").path("name").asText().equals("cpu")
                    && percent.isNumber()
                    && !spec.has("targetCPUUtilizationPercentage");
            if (cpu) {
                spec.set("targetCPUUtilizationPercentage", percent);
            } else {
                others.add(OldMetrics.toOne(metric, false));
            }
        }
        annotate(object, METRICS, others);
        annotate(object, BEHAVIOR, spec.remove("behavior"));
        if (object.path("status") instanceof ObjectNode status) {
            JsonNode current = status.remove("currentMetrics");
            ArrayNode old = status.arrayNode();
            for (JsonNode metric : current == null ? List.<JsonNode>of() : current) {
                old.add(OldMetrics.toOne(metric, true));
                JsonNode percent = metric.path("resource").path("current").path("averageUtilization");
                if (metric.path("resource").path("name").asText().equals("cpu") && percent.isNumber()) {
                    status.set("currentCPUUtilizationPercentage", percent);
                }
            }
            annotate(object, CURRENT_METRICS, old);
            annotate(object, CONDITIONS, status.remove("conditions"));
        }
        return object;
    }

    private static void annotate(ObjectNode object, String annotation, @Nullable JsonNode value) {
        if (value != null && !value.isEmpty()) {
            Fill.object(Fill.object(object, "metadata"), "annotations")
                    .put(annotation, new String(Json.encode(value), StandardCharsets.UTF_8));
        }
    }

    /** What an annotation holds, which goes; null if it is not there or holds something else. */
    private static @Nullable JsonNode taken(ObjectNode object, String annotation) {
        if (!(object.path("metadata").path("annotations") instanceof ObjectNode annotations)) {
            return null;
        }
        JsonNode text = annotations.remove(annotation);
        if (annotations.isEmpty()) {
            Fill.object(object, "metadata").remove("annotations");
        }
        if (text == null) {
            return null;
        }
        try {
            return Json.parse(text.asText("").getBytes(StandardCharsets.UTF_8));
        } catch (MalformedException e) {
            // Somebody wrote something else there; the original ignores it as well.
            return null;
        }
    }
}
