package io.keelson.apiserver.kinds.pod;

import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What is wrong with what is said about nodes and neighbours a pod likes. */
public final class AffinityRules {
    private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
    private static final String PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";
    private static final String NO_SELECTOR = "must not be specified when labelSelector is not set";

    private AffinityRules() {}

    static void affinity(Place affinity) {
        Place node = affinity.at("nodeAffinity");
        if (node.at(REQUIRED).present()) {
            nodeSelector(node.at(REQUIRED));
        }
        for (Place term : node.at(PREFERRED).items()) {
            weight(term);
            nodeTerm(term.at("preference"), false);
        }
        for (String which : List.of("podAffinity", "podAntiAffinity")) {
            Place pods = affinity.at(which);
            pods.at(REQUIRED).items().forEach(AffinityRules::podTerm);
            for (Place term : pods.at(PREFERRED).items()) {
                weight(term);
                podTerm(term.at("podAffinityTerm"));
            }
        }
    }

    private static void weight(Place term) {
        long weight = term.at("weight").number();
        if (weight <= 0 || weight > 100) {
            term.at("weight").invalid(weight, "must be in the range 1-100");
        }
    }

    /** A choice of nodes: one of its terms has to fit. */
    public static void nodeSelector(Place selector) {
        Place terms = selector.at("nodeSelectorTerms");
        if (terms.size() == 0) {
            terms.required("must have at least one node selector term");
        }
        terms.items().forEach(term -> nodeTerm(term, true));
    }

    private static void nodeTerm(Place term, boolean checkValues) {
        for (Place requirement : term.at("matchExpressions").items()) {
            nodeLabel(requirement, checkValues);
        }
        for (Place requirement : term.at("matchFields").items()) {
            nodeField(requirement);
        }
    }

    private static void nodeLabel(Place requirement, boolean checkValues) {
        Place values = requirement.at("values");
        switch (requirement.at("operator").text()) {
            case "In", "NotIn" -> {
                if (values.size() == 0) {
                    values.required("must be specified when `operator` is 'In' or 'NotIn'");
                }
            }
            case "Exists", "DoesNotExist" -> {
                if (values.size() > 0) {
                    values.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                }
            }
            case "Gt", "Lt" -> {
                if (values.size() != 1) {
                    values.required("must be specified single value when `operator` is 'Lt' or 'Gt'");
                }
            }
            default -> requirement.at("operator").invalid("not a valid selector operator");
        }
        requirement.at("key").check(Names::qualifiedName);
        if (checkValues) {
            values.items().forEach(value -> value.check(Names::labelValue));
        }
    }

    private static void nodeField(Place requirement) {
        Place values = requirement.at("values");
        switch (requirement.at("operator").text()) {
            case "In", "NotIn" -> {
                if (values.size() != 1) {
                    values.required(
                            "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
                }
            }
            default -> requirement.at("operator").invalid("not a valid selector operator");
        }
        if (requirement.at("key").is("metadata.name")) {
            values.items().forEach(value -> value.check(Names::dnsSubdomain));
        } else {
            requirement.at("key").invalid("not a valid field selector key");
        }
    }

    private static void podTerm(Place term) {
        LabelValidation.selector(term.at("labelSelector"));
        LabelValidation.selector(term.at("namespaceSelector"));
        for (Place namespace : term.at("namespaces").items()) {
            namespace.as(term.path().child("namespace")).check(Names::dnsLabel);
        }
        labelKeys(term);
        if (term.at("topologyKey").empty()) {
            term.at("topologyKey").required("can not be empty");
        }
        term.at("topologyKey").check(Names::qualifiedName);
    }

    private static void labelKeys(Place term) {
        Place match = term.at("matchLabelKeys");
        Place mismatch = term.at("mismatchLabelKeys");
        boolean selector = term.at("labelSelector").present();
        for (Place keys : List.of(match, mismatch)) {
            if (keys.size() > 0 && !selector) {
                keys.forbidden(NO_SELECTOR);
            } else {
                keys.items().forEach(key -> key.check(Names::qualifiedName));
            }
        }
        Set<String> seen = new HashSet<>(term.at("labelSelector", "matchLabels").keys());
        List<String> matched = match.textItems();
        for (Place expression : term.at("labelSelector", "matchExpressions").items()) {
            String key = expression.at("key").text();
            if (!seen.add(key) && matched.contains(key)) {
                term.errors()
                        .invalid(
                                term.path().index(matched.indexOf(key)),
                                key,
                                "exists in both matchLabelKeys and labelSelector");
            }
        }
        for (Place key : match.items()) {
            if (mismatch.textItems().contains(key.text())) {
                key.invalid("exists in both matchLabelKeys and mismatchLabelKeys");
            }
        }
    }
}
