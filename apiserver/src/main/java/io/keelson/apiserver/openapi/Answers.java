package io.keelson.apiserver.openapi;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.resource.GroupVersionKind;

/** What both versions of OpenAPI say alike. */
final class Answers {
    private Answers() {}

    static String description(int status) {
        return switch (status) {
            case 201 -> "Created";
            case 202 -> "Accepted";
            default -> "OK";
        };
    }

    static ObjectNode kind(GroupVersionKind kind) {
        return Json.object().put("group", kind.group()).put("kind", kind.kind()).put("version", kind.version());
    }
}
