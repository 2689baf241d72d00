package io.keelson.apiserver.apply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How an object differs from what it was before: which fields are gone, which have another value, which are new.
 *
 * <p>An element of a list that is there more than once has no parts: it is one value, whatever is changed in it.
 */
record Comparison(FieldSet removed, FieldSet modified, FieldSet added) {
    static Comparison of(TypedObject before, TypedObject after) {
        Walk walk = new Walk();
        walk.value(before.type(), before.object(), after.object());
        return new Comparison(walk.removed.build(), walk.modified.build(), walk.added.build());
    }

    /** What is left if some fields do not count. */
    Comparison filtered(FieldFilter filter) {
        return new Comparison(filter.apply(removed), filter.apply(modified), filter.apply(added));
    }

    /** What is set: changed or new. */
    FieldSet set() {
        return modified.union(added);
    }

    /** Walks both objects at once. What both share, as the same nodes of a tree, is not looked at. */
    @SuppressWarnings("ReferenceEquality")
    private static final class Walk {
        private final FieldSet.Builder removed = new FieldSet.Builder();
        private final FieldSet.Builder modified = new FieldSet.Builder();
        private final FieldSet.Builder added = new FieldSet.Builder();
        private final List<PathElement> path = new ArrayList<>();

        /** Compares the values at a place; null for one that is not there. Not both are null. */
        void value(MergeType type, @Nullable JsonNode before, @Nullable JsonNode after) {
            if (before == after) {
                return;
            }
            boolean leaf;
            if (before != null && after != null && type.formsDiffer(before, after)) {
                inForm(type, type.form(before), before, after);
                leaf = inForm(type, type.form(after), before, after);
            } else {
                JsonNode shaping = Objects.requireNonNull(after == null ? before : after);
                leaf = inForm(type, type.form(shaping), before, after);
            }
            if (!leaf) {
                if (before == null) {
                    added.add(path);
                } else if (after == null) {
                    removed.add(path);
                }
            }
        }

        /** @return whether the values were compared as one value each */
        private boolean inForm(
                MergeType type, MergeType.Form form, @Nullable JsonNode before, @Nullable JsonNode after) {
            if (type.isAtomic(form) || (isEmpty(form, before) && isEmpty(form, after))) {
                leaf(before, after);
                return true;
            }
            if (form == MergeType.Form.LIST) {
                elements(type, list(before), list(after));
            } else {
                fields(
                        type,
                        before instanceof ObjectNode object ? object : null,
                        after instanceof ObjectNode object ? object : null);
            }
            return false;
        }

        private void leaf(@Nullable JsonNode before, @Nullable JsonNode after) {
            if (before == null) {
                added.add(path);
            } else if (after == null) {
                removed.add(path);
            } else if (!ValueOrder.same(before, after)) {
                modified.add(path);
            }
        }

        private static boolean isEmpty(MergeType.Form form, @Nullable JsonNode value) {
            boolean hasForm = form == MergeType.Form.LIST ? value instanceof ArrayNode : value instanceof ObjectNode;
            return value == null || !hasForm || value.isEmpty();
        }

        private static List<JsonNode> list(@Nullable JsonNode value) {
            List<JsonNode> elements = new ArrayList<>();
            if (value instanceof ArrayNode list) {
                list.forEach(elements::add);
            }
            return elements;
        }

        private void fields(MergeType type, @Nullable ObjectNode before, @Nullable ObjectNode after) {
            if (before != null) {
                before.properties()
                        .forEach(field -> field(
                                type,
                                field.getKey(),
                                field.getValue(),
                                after == null ? null : after.get(field.getKey())));
            }
            if (after != null) {
                after.properties().forEach(field -> {
                    if (before == null || !before.has(field.getKey())) {
                        field(type, field.getKey(), null, field.getValue());
                    }
                });
            }
        }

        private void field(MergeType type, String name, @Nullable JsonNode before, @Nullable JsonNode after) {
            if (before == after) {
                return;
            }
            MergeType below = type.field(name);
            path.addLast(new PathElement.Field(name));
            value(below == null ? MergeType.UNDECLARED : below, before, after);
            path.removeLast();
        }

        private void elements(MergeType type, List<JsonNode> before, List<JsonNode> after) {
            Map<PathElement, List<JsonNode>> old = byElement(type, before);
            Map<PathElement, List<JsonNode>> now = byElement(type, after);
            old.forEach((element, values) -> element(type, element, values, now.getOrDefault(element, List.of())));
            now.forEach((element, values) -> {
                if (!old.containsKey(element)) {
                    element(type, element, List.of(), values);
                }
            });
        }

        private static Map<PathElement, List<JsonNode>> byElement(MergeType type, List<JsonNode> list) {
            Map<PathElement, List<JsonNode>> elements = new LinkedHashMap<>();
            list.forEach(value -> elements.computeIfAbsent(type.identify(value), missing -> new ArrayList<>(1))
                    .add(value));
            return elements;
        }

        private void element(MergeType type, PathElement element, List<JsonNode> before, List<JsonNode> after) {
            path.addLast(element);
            MergeType below = type.element();
            if (before.size() <= 1 && after.size() <= 1) {
                value(below, first(before), first(after));
            } else if (before.size() > 1 && after.size() > 1) {
                if (!same(before, after)) {
                    modified.add(path);
                }
            } else if (before.size() > 1) {
                if (!after.isEmpty()) {
                    value(below, null, first(after));
                }
                removed.add(path);
            } else {
                if (!before.isEmpty()) {
                    value(below, first(before), null);
                }
                added.add(path);
            }
            path.removeLast();
        }

        private static @Nullable JsonNode first(List<JsonNode> values) {
            return values.isEmpty() ? null : values.getFirst();
        }

        private static boolean same(List<JsonNode> a, List<JsonNode> b) {
            if (a.size() != b.size()) {
                return false;
            }
            for (int i = 0; i < a.size(); i++) {
                if (!ValueOrder.same(a.get(i), b.get(i))) {
                    return false;
                }
            }
            return true;
        }
    }
}
