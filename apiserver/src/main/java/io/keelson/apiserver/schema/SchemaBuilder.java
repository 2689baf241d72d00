package io.keelson.apiserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Puts a schema together, one statement after the other. Begins with a place of which nothing is stated. */
final class SchemaBuilder {
    String name = "";
    Schema.Type type = Schema.Type.ANY;
    String format = "";
    Supplier<Map<String, Schema>> properties = Map::of;

    @Nullable
    Supplier<Schema> items;

    @Nullable
    Supplier<Schema> additionalProperties;

    Set<String> required = Set.of();

    @Nullable
    JsonNode defaultValue;

    Set<String> enumValues = Set.of();
    Schema.ListType listType = Schema.ListType.ATOMIC;
    List<String> listMapKeys = List.of();
    boolean atomicMap;
    Set<String> patchStrategies = Set.of();
    String patchMergeKey = "";
    boolean intOrString;
    boolean preserveUnknownFields;
    boolean embeddedResource;
    boolean nullable;

    @Nullable
    Rules rules;

    Schema.Presence presence = Schema.Presence.AS_GIVEN;
    String goType = "";

    SchemaBuilder() {}

    /** Begins with what is stated of another place. */
    SchemaBuilder(Schema schema) {
        Schema.Parts parts = schema.parts();
        name = parts.name();
        type = parts.type();
        format = parts.format();
        properties = parts.properties();
        items = parts.items();
        additionalProperties = parts.additionalProperties();
        required = parts.required();
        defaultValue = parts.defaultValue();
        enumValues = parts.enumValues();
        listType = parts.listType();
        listMapKeys = parts.listMapKeys();
        atomicMap = parts.atomicMap();
        patchStrategies = parts.patchStrategies();
        patchMergeKey = parts.patchMergeKey();
        intOrString = parts.intOrString();
        preserveUnknownFields = parts.preserveUnknownFields();
        embeddedResource = parts.embeddedResource();
        nullable = parts.nullable();
        rules = parts.rules();
        presence = parts.presence();
        goType = parts.goType();
    }

    Schema build() {
        return new Schema(new Schema.Parts(
                name,
                type,
                format,
                properties,
                items,
                additionalProperties,
                required,
                defaultValue,
                enumValues,
                listType,
                listMapKeys,
                atomicMap,
                patchStrategies,
                patchMergeKey,
                intOrString,
                preserveUnknownFields,
                embeddedResource,
                nullable,
                rules,
                presence,
                goType));
    }
}
