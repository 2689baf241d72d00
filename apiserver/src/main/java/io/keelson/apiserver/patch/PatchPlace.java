package io.keelson.apiserver.patch;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.schema.Schema;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A place of an object as a strategic merge patch sees it: what its schema says about merging what is below. */
record PatchPlace(Schema schema) {
    private static final String RETAIN_KEYS = "retainKeys";

    /**
     * How an object is merged.
     *
     * @param replaced whether it is not merged but replaced
     */
    record ObjectRule(PatchPlace place, boolean replaced) {}

    /**
     * How a list is merged.
     *
     * @param element the place of an element
     * @param merged whether it is merged, not replaced
     * @param mergeKey the field by which elements are told apart; empty if none is
     */
    record ListRule(PatchPlace element, boolean merged, String mergeKey) {}

    ObjectRule object(String field) {
        Schema below = field(field);
        return new ObjectRule(new PatchPlace(below), strategy(below).equals(StrategicMergePatch.REPLACE));
    }

    ListRule list(String field) {
        Schema below = field(field);
        Schema items = below.items();
        if (items == null) {
            throw StrategicMergePatch.failure("expected slice or array type, but got: " + kind());
        }
        if (items.type() == Schema.Type.ARRAY) {
            throw StrategicMergePatch.failure("unexpected slice of slice");
        }
        boolean merged = strategy(below).equals(StrategicMergePatch.MERGE);
        return new ListRule(new PatchPlace(items), merged, below.patchMergeKey());
    }

    private Schema field(String field) {
        if (schema.type() != Schema.Type.ANY && schema.properties().isEmpty()) {
            throw StrategicMergePatch.failure(
                    "merging an object in json but data type is not struct, instead is: " + kind());
        }
        Schema below = schema.property(field);
        if (below == null) {
            throw noSuchField(field);
        }
        return below;
    }

    private ApiException noSuchField(String field) {
        String name = schema.goType().substring(schema.goType().lastIndexOf('.') + 1);
        return StrategicMergePatch.failure(
                "unable to find api field in struct " + name + " for the json field " + GoText.quoted(field));
    }

    private String kind() {
        return switch (schema.type()) {
            case OBJECT -> schema.properties().isEmpty() ? "map" : "struct";
            case ARRAY -> "slice";
            case STRING -> "string";
            case INTEGER -> schema.format().isEmpty() ? "int64" : schema.format();
            case NUMBER -> "float64";
            case BOOLEAN -> "bool";
            case ANY -> "struct";
        };
    }

    private static String strategy(Schema schema) {
        Set<String> strategies = schema.patchStrategies();
        @Nullable
        String other = strategies.stream()
                .filter(one -> !one.equals(RETAIN_KEYS))
                .findFirst()
                .orElse(null);
        return other == null ? "" : other;
    }
}
