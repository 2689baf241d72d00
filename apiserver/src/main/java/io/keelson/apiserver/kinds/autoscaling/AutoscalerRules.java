package io.keelson.apiserver.kinds.autoscaling;

import io.keelson.apiserver.kinds.common.ObjectRules;
import io.keelson.apiserver.kinds.pod.ResourceRules;
import io.keelson.apiserver.object.Quantity;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.List;
import java.util.Map;

/** What is wrong with the specification of an autoscaler. */
final class AutoscalerRules {
    private static final int WINDOW_SECONDS_MAX = 3_600;
    private static final int PERIOD_SECONDS_MAX = 1_800;
    private static final Map<String, String> SOURCES = Map.of(
            "Object", "object",
            "Pods", "pods",
            "Resource", "resource",
            "External", "external",
            "ContainerResource", "containerResource");

    private AutoscalerRules() {}

    static void spec(Place spec) {
        Place min = spec.at("minReplicas");
        Place max = spec.at("maxReplicas");
        if (min.present() && min.number() < 1) {
            min.invalid("must be greater than or equal to 1");
        }
        if (max.number() < 1) {
            max.invalid(max.number(), "must be greater than 0");
        }
        if (min.present() && max.number() < min.number()) {
            max.invalid(max.number(), "must be greater than or equal to `minReplicas`");
        }
        reference(spec.at("scaleTargetRef"));
        spec.at("metrics").items().forEach(AutoscalerRules::metric);
        for (String direction : List.of("scaleUp", "scaleDown")) {
            if (spec.at("behavior", direction).present()) {
                rules(spec.at("behavior", direction));
            }
        }
    }

    private static void reference(Place reference) {
        reference.at("kind").requireAndCheck(Names::pathSegment);
        reference.at("name").requireAndCheck(Names::pathSegment);
    }

    private static void rules(Place rules) {
        Place window = rules.at("stabilizationWindowSeconds");
        if (window.number() < 0) {
            window.invalid("must be greater than or equal to zero");
        }
        if (window.number() > WINDOW_SECONDS_MAX) {
            window.invalid("must be less than or equal to " + WINDOW_SECONDS_MAX);
        }
        rules.at("selectPolicy").oneOfIfPresent("Disabled", "Max", "Min");
        Quantity tolerance = ObjectRules.quantity(rules.at("tolerance"));
        if (tolerance != null && tolerance.signum() < 0) {
            rules.at("tolerance").invalid("must be greater than or equal to zero");
        }
        Place policies = rules.at("policies");
        if (policies.size() == 0) {
            policies.required("must specify at least one Policy");
        }
        for (Place policy : policies.items()) {
            if (!List.of("Pods", "Percent").contains(policy.at("type").text())) {
                policy.at("type").notSupported("Percent", "Pods");
            }
            for (String field : List.of("value", "periodSeconds")) {
                if (policy.at(field).number() <= 0) {
                    policy.at(field).invalid(policy.at(field).number(), "must be greater than zero");
                }
            }
            if (policy.at("periodSeconds").number() > PERIOD_SECONDS_MAX) {
                policy.at("periodSeconds").invalid("must be less than or equal to " + PERIOD_SECONDS_MAX);
            }
        }
    }

    private static void metric(Place metric) {
        Place type = metric.at("type");
        if (type.empty()) {
            type.required("must specify a metric source type");
        }
        String expected = SOURCES.get(type.text());
        if (expected == null) {
            type.notSupported("ContainerResource", "External", "Object", "Pods", "Resource");
        }
        boolean first = true;
        for (String source : List.of("object", "external", "pods", "resource", "containerResource")) {
            Place place = metric.at(source);
            if (place.absent()) {
                continue;
            }
            if (first) {
                source(source, place);
            }
            first = false;
            if (!source.equals(expected)) {
                place.forbidden("must populate the given metric source only");
            }
        }
        if (expected != null && metric.at(expected).absent()) {
            metric.at(expected).required("must populate information for the given metric source");
        }
    }

    private static void source(String kind, Place source) {
        Place target = source.at("target");
        switch (kind) {
            case "object" -> {
                reference(source.at("describedObject"));
                identifier(source.at("metric"));
                target(target);
                if (target.at("value").absent() && target.at("averageValue").absent()) {
                    target.at("averageValue").required("must set either a target value or averageValue");
                }
            }
            case "external" -> {
                identifier(source.at("metric"));
                target(target);
                boolean value = target.at("value").present();
                boolean average = target.at("averageValue").present();
                if (!value && !average) {
                    target.at("averageValue").required("must set either a target value for metric or a per-pod target");
                } else if (value && average) {
                    target.at("value").forbidden("may not set both a target value for metric and a per-pod target");
                }
            }
            case "pods" -> {
                identifier(source.at("metric"));
                target(target);
                if (target.at("averageValue").absent()) {
                    target.at("averageValue").required("must specify a positive target averageValue");
                }
            }
            default -> resource(kind, source, target);
        }
    }

    private static void resource(String kind, Place source, Place target) {
        if (source.at("name").empty()) {
            source.at("name").required("must specify a resource name");
        } else if (kind.equals("containerResource")) {
            ResourceRules.containerNameAsValue(source.at("name"));
        }
        if (kind.equals("containerResource")) {
            if (source.at("container").empty()) {
                source.at("container").required("must specify a container");
            } else {
                source.at("container").check(Names::dnsLabel);
            }
        }
        target(target);
        boolean utilization = target.at("averageUtilization").present();
        boolean value = target.at("averageValue").present();
        if (!utilization && !value) {
            target.at("averageUtilization").required("must set either a target raw value or a target utilization");
        } else if (utilization && value) {
            target.at("averageValue").forbidden("may not set both a target raw value and a target utilization");
        }
    }

    private static void identifier(Place metric) {
        Place name = metric.at("name");
        if (name.empty()) {
            name.required("must specify a metric name");
        } else {
            name.check(Names::pathSegment);
        }
        LabelValidation.selector(metric.at("selector"));
    }

    private static void target(Place target) {
        Place type = target.at("type");
        if (type.empty()) {
            type.required("must specify a metric target type");
        }
        if (!List.of("Utilization", "Value", "AverageValue").contains(type.text())) {
            type.invalid("must be either Utilization, Value, or AverageValue");
        }
        for (String field : List.of("value", "averageValue")) {
            if (target.at(field).present()) {
                Quantity quantity = ObjectRules.quantity(target.at(field));
                if (quantity != null && quantity.signum() <= 0) {
                    target.at(field).invalid(quantity.toString(), "must be positive");
                }
            }
        }
        Place utilization = target.at("averageUtilization");
        if (utilization.present() && utilization.number() < 1) {
            utilization.invalid("must be greater than 0");
        }
    }
}
