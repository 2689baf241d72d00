package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Events, of the core group and of {@code events.k8s.io}: the same objects under two names. */
public final class EventStrategy implements Strategy {
    private static final int CHARS_MAX = 128;
    private static final int MESSAGE_CHARS_MAX = 1_024;

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public boolean createsOnUpdate() {
        return true;
    }

    @Override
    public void validate(ObjectNode event, FieldErrors errors) {
        Place whole = Place.of(event, errors);
        String namespace = whole.at("metadata", "namespace").text();
        Place involved = whole.at("involvedObject", "namespace");
        if (whole.at("eventTime").empty()) {
            boolean anywhere = namespace.isEmpty() || namespace.equals("default");
            if (involved.empty() ? !anywhere : !involved.is(namespace)) {
                involved.invalid(involved.text(), "does not match event.namespace");
            }
            return;
        }
        if (involved.empty() && !List.of("default", "kube-system").contains(namespace)) {
            involved.invalid(involved.text(), "does not match event.namespace");
        }
        whole.at("reportingComponent").mustBeFilled();
        whole.at("reportingComponent").check(Names::qualifiedName);
        for (String field : List.of("reportingInstance", "action", "reason")) {
            whole.at(field).mustBeFilled();
            if (whole.at(field).text().length() > CHARS_MAX) {
                whole.at(field).invalid("", "can have at most " + CHARS_MAX + " characters");
            }
        }
        if (whole.at("message").text().length() > MESSAGE_CHARS_MAX) {
            whole.at("message").invalid("", "can have at most " + MESSAGE_CHARS_MAX + " characters");
        }
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode event) {
        JsonNode involved = event.path("involvedObject");
        Map<String, String> fields = new LinkedHashMap<>();
        for (String field : List.of("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")) {
            fields.put("involvedObject." + field, involved.path(field).asText(""));
        }
        String source = event.path("source").path("component").asText("");
        String reporting = event.path("reportingComponent").asText("");
        fields.put("reason", event.path("reason").asText(""));
        fields.put("reportingComponent", reporting);
        fields.put("source", source.isEmpty() ? reporting : source);
        fields.put("type", event.path("type").asText(""));
        return fields;
    }
}
