package io.keelson.apiserver.admission.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.rules.Criteria;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What puts a policy to use.
 *
 * @param policy its name
 * @param criteria narrow down what the policy is for; null if they do not
 * @param params null if it gives the policy none
 * @param actions what a validating policy does about a failed validation: Deny, Warn, Audit
 */
record Binding(
        String name,
        String policy,
        @Nullable Criteria criteria,
        @Nullable ParamRef params,
        List<String> actions) {
    Binding {
        actions = List.copyOf(actions);
    }

    /** @throws io.keelson.apiserver.object.MalformedException if a selector is none */
    static Binding of(ObjectNode binding) {
        JsonNode spec = binding.path("spec");
        JsonNode matched = spec.path("matchResources");
        List<String> actions = new ArrayList<>();
        spec.path("validationActions").forEach(action -> actions.add(action.asText()));
        return new Binding(
                ObjectMeta.name(binding),
                spec.path("policyName").asText(""),
                matched.isObject() ? Criteria.ofPolicy(matched) : null,
                ParamRef.of(spec.path("paramRef")),
                actions);
    }
}
