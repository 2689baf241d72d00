package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** Between events as the core group writes them and as {@code events.k8s.io} does: the same fields under other names. */
public final class EventConversion {
    private static final Map<String, String> NEW_NAMES = Map.of(
            "involvedObject", "regarding",
            "message", "note",
            "source", "deprecatedSource",
            "firstTimestamp", "deprecatedFirstTimestamp",
            "lastTimestamp", "deprecatedLastTimestamp",
            "count", "deprecatedCount",
            "reportingComponent", "reportingController");

    private EventConversion() {}

    /** From the core group; changes the event. */
    public static ObjectNode toEventsGroup(ObjectNode event) {
        NEW_NAMES.forEach((old, now) -> rename(event, old, now));
        event.put("apiVersion", "events.k8s.io/v1");
        return event;
    }

    /** To the core group; changes the event. */
    public static ObjectNode toCoreGroup(ObjectNode event) {
        NEW_NAMES.forEach((old, now) -> rename(event, now, old));
        event.put("apiVersion", "v1");
        return event;
    }

    private static void rename(ObjectNode event, String from, String to) {
        JsonNode value = event.remove(from);
        if (value != null) {
            event.set(to, value);
        }
    }
}
