package io.keelson.apiserver.admission.rules;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.LabelSelector;
import java.util.List;

/**
 * By what a webhook or a policy chooses requests.
 *
 * @param rules one of which must fit
 * @param excluded none of which must fit
 * @param equivalent whether a rule may also fit another version of what was sent, which is converted then
 * @param namespaces by labels of the namespace
 * @param objects by labels of the object, as it was or as it is to become
 */
public record Criteria(
        List<Rule> rules, List<Rule> excluded, boolean equivalent, LabelSelector namespaces, LabelSelector objects) {
    public Criteria {
        rules = List.copyOf(rules);
        excluded = List.copyOf(excluded);
    }

    /**
     * Reads those of a webhook.
     *
     * @throws io.keelson.apiserver.object.MalformedException if a selector is none
     */
    public static Criteria ofWebhook(JsonNode webhook) {
        return of(webhook, "rules");
    }

    /**
     * Reads those of a policy, or of its binding, where no rules at all fit every request.
     *
     * @param matched {@code matchConstraints} or {@code matchResources}
     * @throws io.keelson.apiserver.object.MalformedException if a selector is none
     */
    public static Criteria ofPolicy(JsonNode matched) {
        Criteria read = of(matched, "resourceRules");
        return read.rules().isEmpty()
                ? new Criteria(
                        List.of(Rule.EVERYTHING), read.excluded(), read.equivalent(), read.namespaces(), read.objects())
                : read;
    }

    private static Criteria of(JsonNode node, String rules) {
        return new Criteria(
                Rule.all(node.path(rules)),
                Rule.all(node.path("excludeResourceRules")),
                node.path("matchPolicy").asText("Equivalent").equals("Equivalent"),
                LabelSelector.of(node.get("namespaceSelector")),
                LabelSelector.of(node.get("objectSelector")));
    }
}
