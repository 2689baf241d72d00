package io.keelson.apiserver.kinds.pod;

import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is wrong with how a pod wants to be spread over parts of the cluster. */
final class SpreadRules {
    private SpreadRules() {}

    static void constraints(Place constraints) {
        List<Place> all = constraints.items();
        for (int i = 0; i < all.size(); i++) {
            Place constraint = all.get(i);
            if (constraint.at("maxSkew").number() <= 0) {
                constraint.at("maxSkew").invalid(constraint.at("maxSkew").number(), "must be greater than zero");
            }
            if (constraint.at("topologyKey").empty()) {
                constraint.at("topologyKey").required("can not be empty");
            }
            Place action = constraint.at("whenUnsatisfiable");
            if (!action.is("DoNotSchedule") && !action.is("ScheduleAnyway")) {
                action.notSupported("DoNotSchedule", "ScheduleAnyway");
            }
            String kind = kind(constraint);
            if (all.subList(i + 1, all.size()).stream()
                    .anyMatch(other -> kind(other).equals(kind))) {
                constraint.errors().duplicate(constraint.path().child("{topologyKey, whenUnsatisfiable}"), kind);
            }
            minDomains(constraint);
            constraint.at("nodeAffinityPolicy").oneOfIfPresent("Honor", "Ignore");
            constraint.at("nodeTaintsPolicy").oneOfIfPresent("Honor", "Ignore");
            labelKeys(constraint);
            LabelValidation.selector(constraint.at("labelSelector"));
        }
    }

    private static String kind(Place constraint) {
        return "{" + constraint.at("topologyKey").text() + ", "
                + constraint.at("whenUnsatisfiable").text() + "}";
    }

    private static void minDomains(Place constraint) {
        Place domains = constraint.at("minDomains");
        if (domains.absent()) {
            return;
        }
        if (domains.number() <= 0) {
            domains.invalid("must be greater than zero");
        }
        Place action = constraint.at("whenUnsatisfiable");
        if (!action.is("DoNotSchedule")) {
            domains.invalid("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not " + action.text());
        }
    }

    private static void labelKeys(Place constraint) {
        Place keys = constraint.at("matchLabelKeys");
        if (keys.size() == 0) {
            return;
        }
        Place selector = constraint.at("labelSelector");
        if (selector.absent()) {
            keys.forbidden("must not be specified when labelSelector is not set");
        }
        Map<String, Integer> times = new HashMap<>();
        selector.at("matchLabels").keys().forEach(key -> times.merge(key, 1, Integer::sum));
        for (Place expression : selector.at("matchExpressions").items()) {
            times.merge(expression.at("key").text(), 1, Integer::sum);
        }
        for (Place key : keys.items()) {
            key.check(Names::qualifiedName);
            // Once is what was made out of the key itself when the pod was created.
            if (times.getOrDefault(key.text(), 0) > 1) {
                key.invalid("exists in both matchLabelKeys and labelSelector");
            }
        }
    }
}
