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
    private static final String[] VERBS = {
        "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"
    };

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
            // Shown is all that is said of the method, as the original does.
            spec.at("distinguisherMethod").as(method.path()).notSupported("ByNamespace", "ByUser");
        }
        Place level = spec.at("priorityLevelConfiguration", "name");
        if (level.empty()) {
            level.required("must reference a priority level");
        }
        level.checkIfFilled(Names::dnsSubdomain);
        spec.at("rules").items().forEach(FlowSchemaStrategy::rule);
        DefaultFlows.fixedSchema(whole);
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
            verbs(resources.at("verbs"));
            filled(resources.at("apiGroups"), "resource rules must supply at least one api group", "api groups");
            filled(resources.at("resources"), "resource rules must supply at least one resource", "resources");
            namespaces(resources.at("namespaces"), resources.at("clusterScope").flag());
        }
        for (Place paths : rule.at("nonResourceRules").items()) {
            verbs(paths.at("verbs"));
            Place urls = paths.at("nonResourceURLs");
            if (!filled(urls, "nonResourceURLs must contain at least one value", "non-resource URLs")) {
                urls.items().forEach(FlowSchemaStrategy::path);
            }
        }
    }

    private static void verbs(Place verbs) {
        if (!filled(verbs, "verbs must contain at least one value", "verbs")
                && !List.of(VERBS).containsAll(verbs.textItems())) {
            verbs.notSupported(VERBS);
        }
    }

    /** Complains about an empty list, and about one that says all and something else; returns whether it says all. */
    private static boolean filled(Place list, String required, String others) {
        if (list.size() == 0) {
            list.required(required);
        }
        boolean all = list.textItems().contains("*");
        if (all && list.size() > 1) {
            list.invalid("if '*' is present, must not specify other " + others);
        }
        return all;
    }

    private static void namespaces(Place namespaces, boolean clusterScope) {
        if (namespaces.size() == 0 && clusterScope) {
            return;
        }
        String required = "resource rules that are not cluster scoped must supply at least one namespace";
        if (!filled(namespaces, required, "namespaces")) {
            for (Place namespace : namespaces.items()) {
                for (String wrong : Names.dnsLabel(namespace.text())) {
                    namespace.invalid("each member of this list must be '*' or a DNS-1123 label; " + wrong);
                }
            }
        }
    }

    private static void path(Place url) {
        String path = url.text();
        int star = path.indexOf('*');
        if (path.isEmpty()) {
            url.invalid("must not be empty");
        } else if (!path.startsWith("/")) {
            url.invalid("must start with slash");
        } else if (path.contains(" ")) {
            url.invalid("must not contain white-space");
        } else if (path.contains("//")) {
            url.invalid("must not contain double slash");
        } else if (star >= 0 && (star != path.length() - 1 || !path.endsWith("/*"))) {
            url.invalid("wildcard can only do suffix matching");
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
            if (field.equals("serviceAccount")) {
                account(subject.at(field));
            }
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

    private static void account(Place account) {
        if (!account.at("name").is("*")) {
            account.at("name").checkIfFilled(Names::dnsSubdomain);
        }
        Place namespace = account.at("namespace");
        if (namespace.empty()) {
            namespace.required("must specify namespace for service account");
        }
        namespace.checkIfFilled(Names::dnsLabel);
    }
}
