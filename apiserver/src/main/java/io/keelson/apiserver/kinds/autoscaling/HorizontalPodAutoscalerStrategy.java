package io.keelson.apiserver.kinds.autoscaling;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;
import java.util.List;

/** Autoscalers of pods, as version 2 has them. */
public final class HorizontalPodAutoscalerStrategy extends SpecAndStatus {
    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void applyDefaults(ObjectNode autoscaler) {
        ObjectNode spec = Fill.object(autoscaler, "spec");
        Fill.number(spec, "minReplicas", 1);
        if (spec.path("metrics").isEmpty()) {
            ObjectNode metric = spec.putArray("metrics").addObject();
            metric.put("type", "Resource");
            metric.putObject("resource")
                    .put("name", "cpu")
                    .putObject("target")
                    .put("type", "Utilization")
                    .put("averageUtilization", 80);
        }
        if (spec.path("behavior") instanceof ObjectNode behavior) {
            scaleUp(Fill.object(behavior, "scaleUp"));
            scaleDown(Fill.object(behavior, "scaleDown"));
        }
    }

    private static void scaleUp(ObjectNode rules) {
        Fill.number(rules, "stabilizationWindowSeconds", 0);
        Fill.text(rules, "selectPolicy", "Max");
        if (rules.path("policies").isEmpty()) {
            policy(rules, "Pods", 4, 15);
            policy(rules, "Percent", 100, 15);
        }
    }

    private static void scaleDown(ObjectNode rules) {
        Fill.text(rules, "selectPolicy", "Max");
        if (rules.path("policies").isEmpty()) {
            policy(rules, "Percent", 100, 15);
        }
    }

    private static void policy(ObjectNode rules, String type, int value, int seconds) {
        Fill.list(rules, "policies")
                .addObject()
                .put("type", type)
                .put("value", value)
                .put("periodSeconds", seconds);
    }

    @Override
    protected void firstStatus(ObjectNode status) {
        status.put("desiredReplicas", 0);
        status.putNull("currentMetrics");
    }

    @Override
    public void validate(ObjectNode autoscaler, FieldErrors errors) {
        AutoscalerRules.spec(Place.of(autoscaler, errors).at("spec"));
    }

    @Override
    public void validateStatusUpdate(ObjectNode autoscaler, ObjectNode old, FieldErrors errors) {
        Place status = Place.of(autoscaler, errors).at("status");
        for (String count : List.of("currentReplicas", "desiredReplicas")) {
            status.at(count).notNegative();
        }
    }
}
