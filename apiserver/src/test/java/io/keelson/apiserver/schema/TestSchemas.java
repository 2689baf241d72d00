package io.keelson.apiserver.schema;

import com.fasterxml.jackson.databind.node.LongNode;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Schemas of which nothing is stated but what tests of merging and tracking need. */
public final class TestSchemas {
    private TestSchemas() {}

    private static SchemaBuilder builder(Schema.Type type) {
        SchemaBuilder builder = new SchemaBuilder();
        builder.type = type;
        return builder;
    }

    private static SchemaBuilder listBuilder(Schema items) {
        SchemaBuilder builder = builder(Schema.Type.ARRAY);
        builder.items = () -> items;
        return builder;
    }

    public static Schema integer() {
        return builder(Schema.Type.INTEGER).build();
    }

    /** A number that is there even if nobody gave one. */
    public static Schema integerByDefault(long value) {
        SchemaBuilder builder = builder(Schema.Type.INTEGER);
        builder.defaultValue = LongNode.valueOf(value);
        return builder.build();
    }

    public static Schema object(Map<String, Schema> properties) {
        SchemaBuilder builder = builder(Schema.Type.OBJECT);
        builder.properties = () -> properties;
        return builder.build();
    }

    /** An object that a strategic merge patch replaces as a whole. */
    public static Schema replacedObject(Map<String, Schema> properties) {
        SchemaBuilder builder = builder(Schema.Type.OBJECT);
        builder.properties = () -> properties;
        builder.patchStrategies = Set.of("replace");
        return builder.build();
    }

    /** A map from any names to values of one kind. */
    public static Schema map(Schema values) {
        SchemaBuilder builder = builder(Schema.Type.OBJECT);
        builder.additionalProperties = () -> values;
        return builder.build();
    }

    /** A list that is one value. */
    public static Schema atomicList(Schema items) {
        return listBuilder(items).build();
    }

    /** A list whose elements belong to those who applied them, each for itself. */
    public static Schema setList(Schema items) {
        SchemaBuilder builder = listBuilder(items);
        builder.listType = Schema.ListType.SET;
        return builder.build();
    }

    /** A list of objects that are told apart by some of their fields. */
    public static Schema mapList(Schema items, List<String> keys) {
        SchemaBuilder builder = listBuilder(items);
        builder.listType = Schema.ListType.MAP;
        builder.listMapKeys = keys;
        return builder.build();
    }

    /**
     * A list that a strategic merge patch merges.
     *
     * @param mergeKey the field by which elements are known; empty for numbers and the like, which are known by themselves
     */
    public static Schema mergedList(Schema items, String mergeKey) {
        SchemaBuilder builder = listBuilder(items);
        builder.patchStrategies = Set.of("merge");
        builder.patchMergeKey = mergeKey;
        return builder.build();
    }
}
