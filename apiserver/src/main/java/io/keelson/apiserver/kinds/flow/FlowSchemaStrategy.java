package io.keelson.apiserver.kinds.flow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Flow schemas: which requests go into which level of priority. */
public final class FlowSchemaStrategy extends SpecAndStatus {
    private static final int PRECEDENCE_MAX = 10_000;

    @Override
    public void applyDefaults(ObjectNode schema) {
        Fill.zero(Fill.object(schema, "spec"), "matchingPrecedence", 1_000);
    }

    @Override
    public void validate(ObjectNode schema, FieldErrors errors) {
        Place whole = Place.of(schema, errors);
        Place spec = whole.at("spec");
        Place precedence = spec.at("matchingPrecedence");
        if (precedence.number() <= 0) {
            precedence.invalid("must be a positive value");
        }
        if (precedence.number() > PRECEDENCE_MAX) {
            precedence.invalid("must not be greater than " + PRECEDENCE_MAX);
        }
        if (precedence.number() == 1 && !whole.at("metadata", "name").is("exempt")) {
            precedence.invalid("only the schema named 'exempt' may have matchingPrecedence 1");
        }
        Place method = spec.at("distinguisherMethod", "type");
        if (spec.at("distinguisherMethod").present() && !method.is("ByUser") && !method.is("ByNamespace")) {
            method.as(spec.at("distinguisherMethod").path()).notSupported("ByNamespace", "ByUser");
        }
        spec.at("priorityLevelConfiguration", "name").requireAndCheck(Names::dnsSubdomain);
        spec.at("rules").items().forEach(FlowSchemaStrategy::rule);
    }

    private static void rule(Place rule) {
        Place subjects = rule.at("subjects");
        if (subjects.size() == 0) {
            subjects.required("subjects must contain at least one value");
        }
        subjects.items().forEach(FlowSchemaStrategy::subject);
        if (rule.at("resourceRules").size() == 0 && rule.at("nonResourceRules").size() == 0) {
            rule.required("at least one of resourceRules and nonResourceRules has to be non-empty");
        }
        for (Place resources : rule.at("resourceRules").items()) {
            for (String list : List.of("verbs", "apiGroups", "resources")) {
                if (resources.at(list).size() == 0) {
                    resources.at(list).required("");
                }
                alone(resources.at(list));
            }
            if (resources.at("namespaces").size() == 0
                    && !resources.at("clusterScope").flag()) {
                resources
                        .at("namespaces")
                        .required("resource rules that are not cluster scoped must supply at least one namespace");
            }
        }
        for (Place paths : rule.at("nonResourceRules").items()) {
            for (String list : List.of("verbs", "nonResourceURLs")) {
                if (paths.at(list).size() == 0) {
                    paths.at(list).required("");
                }
                alone(paths.at(list));
            }
        }
    }

    private static void alone(Place list) {
        if (list.size() > 1 && list.textItems().contains("*")) {
            list.invalid("if '*' is present, must not specify other " + list.key());
        }
    }

    private static void subject(Place subject) {
        Map<String, String> fields = Map.of("ServiceAccount", "serviceAccount", "User", "user", "Group", "group");
        String field = fields.get(subject.at("kind").text());
        if (field == null) {
            subject.at("kind").notSupported("Group", "ServiceAccount", "User");
            return;
        }
        if (subject.at(field).absent()) {
            subject.at(field)
                    .required(field + " is required when subject kind is '"
                            + subject.at("kind").text() + "'");
        } else {
            subject.at(field, "name").mustBeFilled();
        }
        for (String other : new TreeSet<>(fields.values())) {
            if (!other.equals(field)) {
                subject.at(other)
                        .mustBeAbsent(other + " is forbidden when subject kind is not '"
                                + fields.entrySet().stream()
                                        .filter(entry -> entry.getValue().equals(other))
                                        .map(Map.Entry::getKey)
                                        .findFirst()
                                        .orElse("")
                                + "'");
            }
        }
    }
}
