package io.keelson.apiserver.authz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.UserInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Attributes in the form of a SubjectAccessReview's {@code spec}, and back. */
final class AccessReview {
    private AccessReview() {}

    static ObjectNode specOf(Attributes attributes) {
        ObjectNode spec = Json.object();
        if (attributes.resourceRequest()) {
            ObjectNode resource = spec.putObject("resourceAttributes");
            put(resource, "namespace", attributes.namespace());
            put(resource, "verb", attributes.verb());
            put(resource, "group", attributes.apiGroup());
            put(resource, "version", attributes.apiVersion());
            put(resource, "resource", attributes.resource());
            put(resource, "subresource", attributes.subresource());
            put(resource, "name", attributes.name());
            selector(resource, "fieldSelector", attributes.fieldSelector());
            selector(resource, "labelSelector", attributes.labelSelector());
        } else {
            ObjectNode path = spec.putObject("nonResourceAttributes");
            put(path, "path", attributes.path());
            put(path, "verb", attributes.verb());
        }
        UserInfo user = attributes.user();
        put(spec, "user", user.name());
        if (!user.groups().isEmpty()) {
            spec.set("groups", Json.array(user.groups()));
        }
        if (!user.extra().isEmpty()) {
            ObjectNode extra = spec.putObject("extra");
            user.extra().entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(entry -> extra.set(entry.getKey(), Json.array(entry.getValue())));
        }
        put(spec, "uid", user.uid());
        return spec;
    }

    private static void put(ObjectNode object, String field, String value) {
        if (!value.isEmpty()) {
            object.put(field, value);
        }
    }

    private static void selector(ObjectNode resource, String field, List<SelectorRequirement> requirements) {
        if (requirements.isEmpty()) {
            return;
        }
        ArrayNode list = resource.putObject(field).putArray("requirements");
        for (SelectorRequirement requirement : requirements) {
            ObjectNode entry = list.addObject();
            entry.put("key", requirement.key());
            entry.put("operator", requirement.operator());
            if (!requirement.values().isEmpty()) {
                entry.set("values", Json.array(requirement.values()));
            }
        }
    }

    /** Whom a review is about. */
    static UserInfo userOf(JsonNode spec) {
        Map<String, List<String>> extra = new LinkedHashMap<>();
        spec.path("extra").properties().forEach(field -> extra.put(field.getKey(), texts(field.getValue())));
        return new UserInfo(spec.path("user").asText(), spec.path("uid").asText(), texts(spec.path("groups")), extra);
    }

    /**
     * What a review asks for.
     *
     * @param problems what of its selectors was left out because it is not understood: less is limited then, so that more
     *     has to be allowed
     */
    record Asked(Attributes attributes, List<String> problems) {
        Asked {
            problems = List.copyOf(problems);
        }
    }

    static Asked asked(JsonNode spec, UserInfo user) {
        JsonNode resource = spec.path("resourceAttributes");
        if (!resource.isObject()) {
            JsonNode path = spec.path("nonResourceAttributes");
            return new Asked(
                    Attributes.ofPath(
                            user, path.path("verb").asText(), path.path("path").asText()),
                    List.of());
        }
        List<String> problems = new ArrayList<>();
        List<SelectorRequirement> fields = ReviewSelectors.fields(resource, problems);
        List<SelectorRequirement> labels = ReviewSelectors.labels(resource, problems);
        String version = resource.path("version").asText();
        Attributes attributes = new Attributes(
                user,
                resource.path("verb").asText(),
                resource.path("namespace").asText(),
                resource.path("group").asText(),
                version.isEmpty() ? "*" : version,
                resource.path("resource").asText(),
                resource.path("subresource").asText(),
                resource.path("name").asText(),
                true,
                "",
                fields,
                labels);
        return new Asked(attributes, problems);
    }

    static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>(array.size());
        array.forEach(element -> texts.add(element.asText()));
        return texts;
    }
}
