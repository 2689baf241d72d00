package io.keelson.apiserver.admission.policy;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.LabelSelector;
import org.jspecify.annotations.Nullable;

/**
 * Which objects a binding gives a policy as parameters.
 *
 * @param name of the one that is meant; empty if they are chosen by labels
 * @param namespace empty for the one that the request is in
 * @param selector null if one is meant by its name
 * @param required whether the policy fails if there is none
 */
record ParamRef(String name, String namespace, @Nullable LabelSelector selector, boolean required) {
    /**
     * Reads {@code spec.paramRef}; null if the binding gives no parameters.
     *
     * @throws io.keelson.apiserver.object.MalformedException if the selector is none
     */
    static @Nullable ParamRef of(JsonNode reference) {
        if (!reference.isObject()) {
            return null;
        }
        JsonNode selector = reference.path("selector");
        return new ParamRef(
                reference.path("name").asText(""),
                reference.path("namespace").asText(""),
                selector.isObject() ? LabelSelector.of(selector) : null,
                reference.path("parameterNotFoundAction").asText("").equals("Deny"));
    }
}
