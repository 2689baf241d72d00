package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.GarbageCollection;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Events, of the core group and of {@code events.k8s.io}: the same objects under two names. Who writes by the name of the
 * latter has to keep to its rules: all that is new has to be there, nothing that is old may be, and only the series of what
 * happens again may change. Complaints call fields as the core group does, but for the one who reports.
 */
public final class EventStrategy implements Strategy {
    private static final int CHARS_MAX = 128;
    private static final int MESSAGE_CHARS_MAX = 1_024;
    private static final List<String> OLD = List.of("firstTimestamp", "lastTimestamp", "count");
    private static final List<String> NEVER_CHANGING = List.of(
            "involvedObject",
            "reason",
            "message",
            "source",
            "firstTimestamp",
            "lastTimestamp",
            "count",
            "type",
            "eventTime",
            "action",
            "related",
            "reportingComponent",
            "reportingInstance");
    private static final List<String> OF_AN_OBJECT =
            List.of("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath");

    private final boolean strict;

    private EventStrategy(boolean strict) {
        this.strict = strict;
    }

    /** For the core group. */
    public static EventStrategy ofCoreGroup() {
        return new EventStrategy(false);
    }

    /** For {@code events.k8s.io}. */
    public static EventStrategy ofEventsGroup() {
        return new EventStrategy(true);
    }

    @Override
    public GarbageCollection garbageCollection() {
        return GarbageCollection.UNSUPPORTED;
    }

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
        validate(whole);
        if (!strict) {
            return;
        }
        series(whole.at("series"));
        whole.at("eventTime").mustBeFilled();
        Place type = whole.at("type");
        if (!type.is("Normal") && !type.is("Warning")) {
            type.invalid("", "has invalid value: " + type.text());
        }
        for (String field : OLD) {
            if (whole.at(field).filled()) {
                whole.at(field).invalid("", "needs to be unset");
            }
        }
        Place source = whole.at("source");
        if (source.at("component").filled() || source.at("host").filled()) {
            source.invalid("", "needs to be unset");
        }
    }

    @Override
    public void validateChanged(ObjectNode event, ObjectNode old, FieldErrors errors) {
        Place whole = Place.of(event, errors);
        validate(whole);
        if (!strict) {
            return;
        }
        if (!SemanticEquality.equal(event.path("series"), old.path("series"))) {
            series(whole.at("series"));
        }
        for (String field : NEVER_CHANGING) {
            shown(whole.at(field)).mustEqual(old.path(field));
        }
    }

    /** What is reported happens again and again. */
    private static void series(Place series) {
        if (series.absent()) {
            return;
        }
        if (series.at("count").number() < 2) {
            series.at("count").invalid("", "should be at least 2");
        }
        series.at("lastObservedTime").mustBeFilled();
    }

    /** Here one field is called as the group calls it. */
    private Place shown(Place field) {
        return strict && field.key().equals("reportingComponent")
                ? field.as(FieldPath.of("reportingController"))
                : field;
    }

    /** What holds for all events, whoever writes them. */
    private void validate(Place whole) {
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
        Place reporting = shown(whole.at("reportingComponent"));
        reporting.mustBeFilled();
        reporting.check(Names::qualifiedName);
        for (String field : List.of("reportingInstance", "action", "reason")) {
            whole.at(field).mustBeFilled();
            atMost(whole.at(field), CHARS_MAX);
        }
        atMost(whole.at("message"), MESSAGE_CHARS_MAX);
    }

    private static void atMost(Place text, int charsMax) {
        if (text.text().length() > charsMax) {
            text.invalid("", "can have at most " + charsMax + " characters");
        }
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode event) {
        JsonNode involved = event.path("involvedObject");
        String prefix = strict ? "regarding." : "involvedObject.";
        Map<String, String> fields = new LinkedHashMap<>();
        for (String field : OF_AN_OBJECT) {
            fields.put(prefix + field, involved.path(field).asText(""));
        }
        String reporting = event.path("reportingComponent").asText("");
        fields.put("reason", event.path("reason").asText(""));
        fields.put("type", event.path("type").asText(""));
        if (strict) {
            fields.put("reportingController", reporting);
        } else {
            String source = event.path("source").path("component").asText("");
            fields.put("reportingComponent", reporting);
            fields.put("source", source.isEmpty() ? reporting : source);
        }
        return fields;
    }
}
