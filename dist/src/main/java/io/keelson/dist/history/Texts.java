package io.keelson.dist.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;

/** Objects as people read them. */
final class Texts {
    private Texts() {}

    static String yaml(JsonNode object) {
        return Serialization.asYaml(object);
    }

    static String json(JsonNode object) {
        try {
            return ApiCalls.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(object) + '\n';
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree that was read cannot be written", e);
        }
    }
}
