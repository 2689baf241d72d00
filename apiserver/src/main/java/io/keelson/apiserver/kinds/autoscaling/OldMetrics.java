package io.keelson.apiserver.kinds.autoscaling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * Metrics as annotations of version 1 have them: names and amounts lie side by side ({@code metricName}, {@code targetValue}),
 * where version 2 has objects ({@code metric.name}, {@code target.value}).
 */
final class OldMetrics {
    private OldMetrics() {}

    /** @param status whether it is what was measured, and not what it should be */
    static ObjectNode toTwo(JsonNode old, boolean status) {
        ObjectNode metric = JsonNodeFactory.instance.objectNode();
        String type = old.path("type").asText("");
        metric.put("type", type);
        String field = field(type);
        JsonNode source = old.path(field);
        if (!source.isObject()) {
            return metric;
        }
        ObjectNode now = metric.putObject(field);
        String amountField = status ? "current" : "target";
        ObjectNode amount = now.objectNode();
        copy(source, status ? "currentAverageUtilization" : "targetAverageUtilization", amount, "averageUtilization");
        copy(source, status ? "currentAverageValue" : "targetAverageValue", amount, "averageValue");
        copy(source, "averageValue", amount, "averageValue");
        copy(source, status ? "currentValue" : "targetValue", amount, "value");
        if (!status) {
            amount.put(
                    "type",
                    amount.has("averageUtilization")
                            ? "Utilization"
                            : amount.has("averageValue") ? "AverageValue" : "Value");
        }
        now.set(amountField, amount);
        copy(source, "name", now, "name");
        copy(source, "container", now, "container");
        if (field.equals("object")) {
            copy(source, "target", now, "describedObject");
        }
        if (source.has("metricName")) {
            ObjectNode identifier = now.putObject("metric");
            copy(source, "metricName", identifier, "name");
            copy(source, field.equals("external") ? "metricSelector" : "selector", identifier, "selector");
        }
        return metric;
    }

    /** @param status whether it is what was measured, and not what it should be */
    static ObjectNode toOne(JsonNode metric, boolean status) {
        ObjectNode old = JsonNodeFactory.instance.objectNode();
        String type = metric.path("type").asText("");
        old.put("type", type);
        String field = field(type);
        JsonNode source = metric.path(field);
        if (!source.isObject()) {
            return old;
        }
        ObjectNode then = old.putObject(field);
        JsonNode amount = source.path(status ? "current" : "target");
        copy(source, "describedObject", then, "target");
        copy(source.path("metric"), "name", then, "metricName");
        copy(source.path("metric"), "selector", then, field.equals("external") ? "metricSelector" : "selector");
        copy(source, "name", then, "name");
        copy(source, "container", then, "container");
        copy(amount, "averageUtilization", then, status ? "currentAverageUtilization" : "targetAverageUtilization");
        String average =
                field.equals("object") ? "averageValue" : status ? "currentAverageValue" : "targetAverageValue";
        copy(amount, "averageValue", then, average);
        copy(amount, "value", then, status ? "currentValue" : "targetValue");
        return old;
    }

    private static String field(String type) {
        return switch (type) {
            case "Object" -> "object";
            case "Pods" -> "pods";
            case "External" -> "external";
            case "ContainerResource" -> "containerResource";
            default -> "resource";
        };
    }

    private static void copy(JsonNode from, String field, ObjectNode to, String newField) {
        @Nullable JsonNode value = from.get(field);
        if (value != null && !value.isNull()) {
            to.set(newField, value);
        }
    }
}
