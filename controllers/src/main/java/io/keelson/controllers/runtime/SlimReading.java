package io.keelson.controllers.runtime;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.WatchEvent;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the API says as those need it who follow many objects: an event that tells of a pod takes two thirds of
 * the library's time, and a fifth of its memory.
 * <ul>
 *   <li>Managed fields are skipped. They are more than half of what many objects are made of, and no loop reads them;
 *       an object that is written without them keeps those that it has.
 *   <li>The object of an event becomes what it is at once. The library makes a tree of it first, to look for its kind,
 *       which servers write before all else. An event that is written in another way is left to the library.
 * </ul>
 * Else what becomes of a text is the same, errors included. Any thread.
 */
final class SlimReading extends KubernetesSerialization {
    private final ObjectMapper mapper;

    /** What is said here of {@link ObjectMeta}. */
    @JsonIgnoreProperties(value = "managedFields", allowGetters = true)
    private interface WithoutManagedFields {}

    SlimReading() {
        this(new ObjectMapper());
    }

    private SlimReading(ObjectMapper mapper) {
        super(mapper, true);
        this.mapper = mapper;
        mapper.addMixIn(ObjectMeta.class, WithoutManagedFields.class);
    }

    @Override
    public <T> T unmarshal(String text, Class<T> type) {
        WatchEvent event = type == WatchEvent.class ? event(text) : null;
        return event == null ? super.unmarshal(text, type) : type.cast(event);
    }

    /** Reads an event; null if it is not written as servers write one. */
    @Nullable
    WatchEvent event(String text) {
        WatchEvent event = new WatchEvent();
        try (JsonParser parser = mapper.createParser(text)) {
            boolean regular = parser.nextToken() == JsonToken.START_OBJECT
                    && "type".equals(parser.nextFieldName())
                    && read(event, parser.nextTextValue())
                    && "object".equals(parser.nextFieldName())
                    && parser.nextToken() == JsonToken.START_OBJECT
                    && read(event, object(parser))
                    && parser.nextToken() == JsonToken.END_OBJECT
                    && parser.nextToken() == null;
            return regular ? event : null;
        } catch (IOException e) {
            // The library reads it again, and says what is wrong with it.
            return null;
        }
    }

    private static boolean read(WatchEvent event, @Nullable String type) {
        event.setType(type);
        return type != null;
    }

    private static boolean read(WatchEvent event, @Nullable KubernetesResource object) {
        event.setObject(object);
        return object != null;
    }

    /** Reads an object that has been begun, up to its end; null if it does not say first of which known kind it is. */
    private @Nullable KubernetesResource object(JsonParser parser) throws IOException {
        String kind = null;
        String version = null;
        for (int i = 0; i < 2; i++) {
            String field = parser.nextFieldName();
            if ("kind".equals(field)) {
                kind = parser.nextTextValue();
            } else if ("apiVersion".equals(field)) {
                version = parser.nextTextValue();
            }
        }
        if (kind == null || version == null) {
            return null;
        }
        Class<? extends KubernetesResource> type = getRegisteredKubernetesResource(version, kind);
        if (type == null) {
            return null;
        }
        parser.nextToken();
        KubernetesResource read = mapper.readerFor(type).readValue(parser);
        boolean same = !(read instanceof HasMetadata object)
                || (kind.equals(object.getKind()) && version.equals(object.getApiVersion()));
        return same ? read : null;
    }
}
