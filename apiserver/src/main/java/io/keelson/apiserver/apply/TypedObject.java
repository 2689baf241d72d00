package io.keelson.apiserver.apply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.GoValue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * An object that fits its schema, in one version. Not to be changed.
 *
 * @param apiVersion the version
 */
record TypedObject(ObjectNode object, MergeType type, String apiVersion) {
    /** More errors than this are not gathered. */
    private static final int ERRORS_MAX = 100;

    /** Whether the elements of a list that are to be told apart can be, once each. */
    enum Duplicates {
        /** In objects that are there already: they came in by other ways than applying. */
        TOLERATED,
        REFUSED
    }

    /**
     * An object, after a look at whether it fits.
     *
     * @throws MergeException if it does not: says where and why
     */
    static TypedObject of(ObjectNode object, MergeType type, String apiVersion, Duplicates duplicates) {
        Check check = new Check(duplicates);
        check.value(type, object);
        if (!check.errors.isEmpty()) {
            throw new MergeException(
                    check.errors.size() == 1
                            ? check.errors.getFirst()
                            : "errors:\n  " + String.join("\n  ", check.errors));
        }
        return new TypedObject(object, type, apiVersion);
    }

    /** The fields that the object has: its leaves, and whatever else in it has owners of its own. */
    FieldSet fields() {
        return parts(type, object);
    }

    /** The fields below a value; none if it is one value. */
    private static FieldSet parts(MergeType type, JsonNode value) {
        MergeType.Form form = type.form(value);
        if (type.isAtomic(form)) {
            return FieldSet.EMPTY;
        }
        return form == MergeType.Form.LIST ? elements(type, value) : fields(type, value);
    }

    private static FieldSet fields(MergeType type, JsonNode object) {
        FieldSet.Level level = new FieldSet.Level(object.size());
        for (var field : object.properties()) {
            JsonNode value = field.getValue();
            MergeType declared = type.field(field.getKey());
            MergeType below = declared == null ? MergeType.UNDECLARED : declared;
            boolean isEmpty = value.isNull() || (value.isObject() && value.isEmpty());
            boolean member = isEmpty || below.isAtomic(below.form(value)) || !type.declares(field.getKey());
            level.add(new PathElement.Field(field.getKey()), member, parts(below, value));
        }
        return level.build();
    }

    private static FieldSet elements(MergeType type, JsonNode list) {
        List<PathElement> elements = new ArrayList<>(list.size());
        Set<PathElement> seen = HashSet.newHashSet(list.size());
        Set<PathElement> repeated = Set.of();
        for (JsonNode value : list) {
            PathElement element = type.identify(value);
            elements.add(element);
            if (!seen.add(element)) {
                repeated = repeated.isEmpty() ? new HashSet<>() : repeated;
                repeated.add(element);
            }
        }
        FieldSet.Level level = new FieldSet.Level(elements.size());
        for (int i = 0; i < elements.size(); i++) {
            PathElement element = elements.get(i);
            boolean once = repeated.isEmpty() || !repeated.contains(element);
            level.add(element, true, once ? parts(type.element(), list.path(i)) : FieldSet.EMPTY);
        }
        return level.build();
    }

    /** Walks an object and gathers what does not fit. */
    private static final class Check {
        private final Duplicates duplicates;
        private final List<String> errors = new ArrayList<>();
        private final List<PathElement> path = new ArrayList<>();

        Check(Duplicates duplicates) {
            this.duplicates = duplicates;
        }

        private void error(String what) {
            if (errors.size() < ERRORS_MAX) {
                errors.add(path.isEmpty() ? what : FieldSet.shown(path) + ": " + what);
            }
        }

        void value(MergeType type, JsonNode value) {
            if (value.isNull()) {
                return;
            }
            switch (type.form(value)) {
                case SCALAR -> scalar(type, value);
                case LIST -> {
                    if (value instanceof ArrayNode list) {
                        elements(type, list);
                    } else {
                        error("expected list, got &{" + GoValue.plain(value) + "}");
                    }
                }
                case OBJECT -> {
                    if (value instanceof ObjectNode fields) {
                        fields(type, fields);
                    } else {
                        error("expected map, got &{" + GoValue.plain(value) + "}");
                    }
                }
            }
        }

        private void scalar(MergeType type, JsonNode value) {
            Predicate<JsonNode> fits = switch (type.scalar()) {
                case NUMERIC -> JsonNode::isNumber;
                case STRING -> JsonNode::isTextual;
                case BOOLEAN -> JsonNode::isBoolean;
                case ANY -> any -> true;
            };
            if (!fits.test(value)) {
                error(
                        switch (type.scalar()) {
                            case NUMERIC -> "expected numeric (int or float), got *value.valueUnstructured";
                            case STRING ->
                                "expected string, got &value.valueUnstructured{Value:" + GoValue.source(value) + "}";
                            case BOOLEAN, ANY -> "expected boolean, got &{" + GoValue.plain(value) + "}";
                        });
            }
        }

        private void elements(MergeType type, ArrayNode list) {
            boolean atomic = type.isAtomic(MergeType.Form.LIST);
            Set<PathElement> seen = new HashSet<>();
            for (int i = 0; i < list.size(); i++) {
                PathElement element;
                if (atomic) {
                    element = new PathElement.Index(i);
                } else {
                    try {
                        element = type.identify(list.path(i));
                    } catch (MergeException e) {
                        error("element " + i + ": " + e.message());
                        return;
                    }
                    if (!seen.add(element) && duplicates == Duplicates.REFUSED) {
                        error("duplicate entries for key " + element);
                    }
                }
                path.addLast(element);
                value(type.element(), list.path(i));
                path.removeLast();
            }
        }

        private void fields(MergeType type, ObjectNode fields) {
            for (var field : fields.properties()) {
                MergeType below = type.field(field.getKey());
                path.addLast(new PathElement.Field(field.getKey()));
                if (below == null) {
                    error("field not declared in schema");
                    path.removeLast();
                    return;
                }
                value(below, field.getValue());
                path.removeLast();
            }
        }
    }
}
