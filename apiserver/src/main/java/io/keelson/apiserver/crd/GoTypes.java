package io.keelson.apiserver.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.Json;
import org.jspecify.annotations.Nullable;

/** What the original calls the types of values in objects whose types it does not know. */
final class GoTypes {
    private GoTypes() {}

    static String of(@Nullable JsonNode value) {
        JsonNode node = value == null ? MissingNode.getInstance() : value;
        return switch (node.getNodeType()) {
            case OBJECT -> "map[string]interface {}";
            case ARRAY -> "[]interface {}";
            case STRING -> "string";
            case BOOLEAN -> "bool";
            case NUMBER -> node.isIntegralNumber() ? "int64" : "float64";
            default -> "<nil>";
        };
    }

    static String printed(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING -> value.textValue();
            case NUMBER -> value.isIntegralNumber() ? value.asText() : GoText.general(value.doubleValue());
            case NULL -> "<nil>";
            default -> Json.text(value);
        };
    }
}
