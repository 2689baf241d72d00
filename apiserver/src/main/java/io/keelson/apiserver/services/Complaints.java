package io.keelson.apiserver.services;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Timestamps;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells what was found wrong with an object, in the log and as an Event about it. */
final class Complaints {
    private static final Logger log = LoggerFactory.getLogger(Complaints.class);

    private final RestApi rest;
    private final Resource events;
    private final String component;
    private final InstantSource clock;

    /** @param component who complains */
    Complaints(RestApi rest, String component, InstantSource clock) {
        this.rest = rest;
        this.events = rest.resource("", "events");
        this.component = component;
        this.clock = clock;
    }

    /**
     * Complains.
     *
     * @param about in the storage version
     * @param action what was being done
     */
    void say(JsonNode about, String reason, String action, String message) throws InterruptedException {
        log.warn("{}: {}", component, message);
        Instant now = clock.instant();
        String namespace = ObjectMeta.namespace(about).isEmpty() ? "default" : ObjectMeta.namespace(about);
        ObjectNode event = Json.object().put("apiVersion", "v1").put("kind", "Event");
        ObjectMeta.setNamespace(event, namespace);
        long nanos = Math.addExact(Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L), now.getNano());
        ObjectMeta.setName(event, ObjectMeta.name(about) + "." + Long.toHexString(nanos));
        event.putObject("involvedObject")
                .put("kind", ObjectMeta.kind(about))
                .put("namespace", ObjectMeta.namespace(about))
                .put("name", ObjectMeta.name(about))
                .put("uid", ObjectMeta.uid(about))
                .put("apiVersion", ObjectMeta.apiVersion(about))
                .put("resourceVersion", ObjectMeta.resourceVersion(about));
        event.put("reason", reason)
                .put("message", message)
                .put("type", "Warning")
                .put("action", action)
                .put("eventTime", Timestamps.microseconds(now))
                .put("reportingComponent", component)
                .put("reportingInstance", component);
        event.putObject("source");
        try {
            var _ = rest.create(events, event);
        } catch (ApiException e) {
            log.info("the event {} of {} could not be written: {}", reason, ObjectMeta.name(about), e.message());
        }
    }
}
