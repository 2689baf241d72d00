package io.keelson.apiserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What may stand at one place of an object. Immutable, and may contain itself (a schema of schemas does): what lies below
 * is reached through {@link #properties()}, {@link #items()} and {@link #additionalProperties()}, which follow references.
 *
 * <p>Built-in kinds need the upper half only: their rules are code. The {@link Rules} are those of OpenAPI v3 and of
 * {@code x-kubernetes-validations} that a CustomResourceDefinition may state; null where there are none.
 */
public final class Schema {
    /** The type of a value; {@link #ANY} where none is stated. */
    public enum Type {
        OBJECT,
        ARRAY,
        STRING,
        INTEGER,
        NUMBER,
        BOOLEAN,
        ANY
    }

    /** How elements of a list belong to those who applied them: {@code x-kubernetes-list-type}. */
    public enum ListType {
        ATOMIC,
        SET,
        MAP
    }

    /**
     * What becomes of a property in an object that is written. The API's own objects are written by Go, which leaves out
     * some fields when they are empty and writes others even if nobody gave them.
     */
    public enum Presence {
        /** It stands there if it was given: fields that may be absent, and all fields of custom kinds. */
        AS_GIVEN,
        /** It is left out if it is empty, zero or false. */
        UNLESS_EMPTY,
        /** It always stands there: empty text, zero, false or an empty object if it was not given. */
        ZERO,
        /** It always stands there: null if it was not given. */
        NULL
    }

    /**
     * What may be stated of a place.
     *
     * @param name of the definition it comes from, {@code io.k8s.api.core.v1.PodSpec} for example; empty if it has none
     * @param format as in OpenAPI: int32, int64, double, byte, date-time, int-or-string; empty if none is stated
     * @param properties of an object, in the order in which they are declared
     * @param items of a list; null if there is no list
     * @param additionalProperties values of a map; null if there is no map
     * @param required properties that must be there
     * @param defaultValue what stands here if nothing is given; null if nothing does
     * @param enumValues the values there are; empty if not limited
     * @param listType atomic where none is stated
     * @param listMapKeys what makes an element of a list of type {@link ListType#MAP} the same element
     * @param atomicMap whether a map or object belongs as a whole to whoever applied it
     * @param patchStrategies of a strategic merge patch: merge, replace, retainKeys
     * @param patchMergeKey by which elements are merged; empty if none is stated
     * @param intOrString whether a number and a text are both fine
     * @param preserveUnknownFields whether fields that are not declared stay
     * @param embeddedResource whether an object with kind, version and metadata stands here
     * @param nullable whether null may stand here and stays
     * @param rules of custom kinds; null if there are none
     * @param presence what becomes of the property when it is written
     * @param goType how the original calls the type in errors, {@code v1.PodSpec} for example; empty if it has no name
     */
    public record Parts(
            String name,
            Type type,
            String format,
            Supplier<Map<String, Schema>> properties,
            @Nullable Supplier<Schema> items,
            @Nullable Supplier<Schema> additionalProperties,
            Set<String> required,
            @Nullable JsonNode defaultValue,
            Set<String> enumValues,
            ListType listType,
            List<String> listMapKeys,
            boolean atomicMap,
            Set<String> patchStrategies,
            String patchMergeKey,
            boolean intOrString,
            boolean preserveUnknownFields,
            boolean embeddedResource,
            boolean nullable,
            @Nullable Rules rules,
            Presence presence,
            String goType) {}

    /** Anything: nothing is known of what stands here, and all of it stays. */
    public static final Schema ANYTHING = new Schema(new Parts(
            "",
            Type.ANY,
            "",
            Map::of,
            null,
            null,
            Set.of(),
            null,
            Set.of(),
            ListType.ATOMIC,
            List.of(),
            false,
            Set.of(),
            "",
            false,
            true,
            false,
            true,
            null,
            Presence.AS_GIVEN,
            ""));

    private final Parts parts;

    /** Found out when it is first asked for; threads that do so at the same time find the same. */
    private volatile @Nullable Map<String, Schema> alwaysWritten;

    public Schema(Parts parts) {
        this.parts = parts;
    }

    public String name() {
        return parts.name();
    }

    public Type type() {
        return parts.type();
    }

    public String format() {
        return parts.format();
    }

    public Map<String, Schema> properties() {
        return parts.properties().get();
    }

    /** The schema of a property; null if none of that name is declared. */
    public @Nullable Schema property(String property) {
        return properties().get(property);
    }

    public @Nullable Schema items() {
        Supplier<Schema> items = parts.items();
        return items == null ? null : items.get();
    }

    public @Nullable Schema additionalProperties() {
        Supplier<Schema> values = parts.additionalProperties();
        return values == null ? null : values.get();
    }

    public Set<String> required() {
        return parts.required();
    }

    public @Nullable JsonNode defaultValue() {
        return parts.defaultValue();
    }

    public Set<String> enumValues() {
        return parts.enumValues();
    }

    public ListType listType() {
        return parts.listType();
    }

    public List<String> listMapKeys() {
        return parts.listMapKeys();
    }

    public boolean atomicMap() {
        return parts.atomicMap();
    }

    public Set<String> patchStrategies() {
        return parts.patchStrategies();
    }

    public String patchMergeKey() {
        return parts.patchMergeKey();
    }

    public boolean intOrString() {
        return parts.intOrString();
    }

    public boolean preserveUnknownFields() {
        return parts.preserveUnknownFields();
    }

    public boolean embeddedResource() {
        return parts.embeddedResource();
    }

    public boolean nullable() {
        return parts.nullable();
    }

    public @Nullable Rules rules() {
        return parts.rules();
    }

    public Presence presence() {
        return parts.presence();
    }

    public String goType() {
        return parts.goType();
    }

    /** The properties that stand in every object that is written, even if they were not given. */
    Map<String, Schema> alwaysWritten() {
        Map<String, Schema> always = alwaysWritten;
        if (always == null) {
            always = new LinkedHashMap<>();
            for (Map.Entry<String, Schema> property : properties().entrySet()) {
                Presence presence = property.getValue().presence();
                if (presence == Presence.ZERO || presence == Presence.NULL) {
                    always.put(property.getKey(), property.getValue());
                }
            }
            alwaysWritten = always;
        }
        return always;
    }

    Parts parts() {
        return parts;
    }

    @Override
    public String toString() {
        return parts.name().isEmpty() ? parts.type().toString() : parts.name();
    }
}
