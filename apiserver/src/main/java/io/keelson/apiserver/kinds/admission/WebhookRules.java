package io.keelson.apiserver.kinds.admission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.WebhookAddress;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What webhooks and policies of admission have in common: which requests they are for, and whom they ask. */
final class WebhookRules {
    private static final List<String> OPERATIONS = List.of("*", "CONNECT", "CREATE", "DELETE", "UPDATE");
    private static final int CONDITIONS_MAX = 64;

    private WebhookRules() {}

    static void defaults(ObjectNode webhook, boolean mutating) {
        Fill.text(webhook, "failurePolicy", "Fail");
        Fill.text(webhook, "matchPolicy", "Equivalent");
        Fill.object(webhook, "namespaceSelector");
        Fill.object(webhook, "objectSelector");
        Fill.number(webhook, "timeoutSeconds", 10);
        if (mutating) {
            Fill.text(webhook, "reinvocationPolicy", "Never");
        }
        scopes(webhook.path("rules"));
        if (webhook.path("clientConfig").path("service") instanceof ObjectNode service) {
            Fill.number(service, "port", 443);
        }
    }

    static void scopes(JsonNode rules) {
        Fill.objects(rules).forEach(rule -> Fill.text(rule, "scope", "*"));
    }

    /** Rules and selectors, which stand in a field of their own in policies. */
    static void matchDefaults(ObjectNode match) {
        Fill.text(match, "matchPolicy", "Equivalent");
        Fill.object(match, "namespaceSelector");
        Fill.object(match, "objectSelector");
        scopes(match.path("resourceRules"));
        scopes(match.path("excludeResourceRules"));
    }

    /** @param newConditions whether their match conditions are others than before */
    static void webhooks(Place webhooks, boolean mutating, boolean newConditions) {
        Set<String> names = new HashSet<>();
        for (Place webhook : webhooks.items()) {
            webhook(webhook, mutating);
            Place conditions = webhook.at("matchConditions");
            if (newConditions && conditions.size() > 0) {
                conditions(conditions, new PolicyExpressions(false, false));
            }
            Place name = webhook.at("name");
            if (name.filled() && !names.add(name.text())) {
                name.duplicate();
            }
        }
    }

    private static void webhook(Place webhook, boolean mutating) {
        Place name = webhook.at("name");
        if (name.empty()) {
            name.required("");
        } else {
            List<String> wrong = Names.dnsSubdomain(name.text());
            wrong.forEach(name::invalid);
            if (wrong.isEmpty() && name.text().split("\\.", -1).length < 3) {
                name.invalid("should be a domain with at least three segments separated by dots");
            }
        }
        Place versions = webhook.at("admissionReviewVersions");
        if (versions.size() == 0) {
            versions.required("must specify one of v1, v1beta1");
        } else if (versions.textItems().stream().noneMatch(List.of("v1", "v1beta1")::contains)) {
            versions.invalid("must include at least one of v1, v1beta1");
        }
        webhook.at("sideEffects").oneOf("None", "NoneOnDryRun");
        for (Place rule : webhook.at("rules").items()) {
            rule(rule);
        }
        webhook.at("failurePolicy").oneOfIfPresent("Fail", "Ignore");
        webhook.at("matchPolicy").oneOfIfPresent("Equivalent", "Exact");
        Place seconds = webhook.at("timeoutSeconds");
        if (seconds.present() && (seconds.number() < 1 || seconds.number() > 30)) {
            seconds.invalid("the timeout value must be between 1 and 30 seconds");
        }
        if (mutating) {
            webhook.at("reinvocationPolicy").oneOfIfPresent("IfNeeded", "Never");
        }
        LabelValidation.selector(webhook.at("namespaceSelector"));
        LabelValidation.selector(webhook.at("objectSelector"));
        WebhookAddress.validate(webhook.at("clientConfig"));
    }

    static void rule(Place rule) {
        Place operations = rule.at("operations");
        operations.mustBeFilled();
        alone(operations, "operations");
        for (Place operation : operations.items()) {
            if (!OPERATIONS.contains(operation.text())) {
                operation.errors().notSupported(operation.path(), operation.text(), OPERATIONS);
            }
        }
        for (String list : List.of("apiGroups", "apiVersions", "resources")) {
            rule.at(list).mustBeFilled();
        }
        alone(rule.at("apiGroups"), "API groups");
        alone(rule.at("apiVersions"), "API versions");
        for (Place version : rule.at("apiVersions").items()) {
            if (version.empty()) {
                version.required("");
            }
        }
        resources(rule.at("resources"));
        rule.at("scope").oneOfIfPresent("*", "Cluster", "Namespaced");
    }

    private static void alone(Place list, String what) {
        if (list.size() > 1 && list.textItems().contains("*")) {
            list.invalid("if '*' is present, must not specify other " + what);
        }
    }

    private static void resources(Place resources) {
        List<String> texts = resources.textItems();
        if (texts.contains("*/*") && texts.size() > 1) {
            resources.invalid("if '*/*' is present, must not specify other resources");
        }
        if (texts.contains("*") && texts.stream().anyMatch(text -> !text.equals("*") && text.indexOf('/') < 0)) {
            resources.invalid("if '*' is present, must not specify other resources without subresources");
        }
        for (Place resource : resources.items()) {
            if (resource.empty()) {
                resource.required("");
            }
        }
    }

    static void match(Place match) {
        match.at("matchPolicy").oneOfIfPresent("Equivalent", "Exact");
        LabelValidation.selector(match.at("namespaceSelector"));
        LabelValidation.selector(match.at("objectSelector"));
        for (String list : List.of("resourceRules", "excludeResourceRules")) {
            match.at(list).items().forEach(WebhookRules::rule);
        }
    }

    /** Whether every webhook is for what it was for before, as far as conditions in CEL say it. */
    static boolean sameConditions(JsonNode webhooks, JsonNode old) {
        if (webhooks.size() != old.size()) {
            return false;
        }
        for (int i = 0; i < webhooks.size(); i++) {
            if (!sameConditionsOf(webhooks.get(i), old.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Whether a webhook, or the specification of a policy, has the match conditions that it had. */
    static boolean sameConditionsOf(JsonNode one, JsonNode old) {
        return SemanticEquality.equal(one.path("matchConditions"), old.path("matchConditions"));
    }

    /** Conditions in CEL, of which there are few, each with a name of its own. */
    static void conditions(Place conditions, PolicyExpressions expressions) {
        boolean few = conditions.size() <= CONDITIONS_MAX;
        if (!few) {
            conditions.tooMany(CONDITIONS_MAX);
        }
        Set<String> names = new HashSet<>();
        for (Place condition : conditions.items()) {
            Place expression = condition.at("expression");
            if (expression.text().isBlank()) {
                expression.required("");
            } else if (few) {
                expressions.condition(expression);
            }
            Place name = condition.at("name");
            name.requireAndCheck(Names::qualifiedName);
            if (name.filled() && !names.add(name.text())) {
                name.duplicate();
            }
        }
    }
}
