package io.keelson.apiserver.apply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Puts an applied configuration into a live object: what the configuration has, it sets; nothing is removed.
 *
 * <p>The order of a merged list: elements that both have stand in the configuration's order, and everything else stays
 * as near to its neighbours as that allows. With live {@code a b c d} and {@code d x b} applied, {@code d} and {@code b}
 * must change places: {@code a c d x b}.
 *
 * <p>An element that the live list has more than once (it can come in by an update) stays so while it is not applied;
 * once it is applied, the applied one takes the place of them all.
 */
final class Merge {
    private Merge() {}

    /** The merged object, in new nodes where it differs from both; shares nodes with both. */
    static ObjectNode of(TypedObject live, TypedObject applied) {
        return value(live.type(), live.object(), applied.object()) instanceof ObjectNode object
                ? object
                : Json.object();
    }

    /** Null for a value that is not there; not both are null. */
    private static JsonNode value(MergeType type, @Nullable JsonNode live, @Nullable JsonNode applied) {
        if (applied == null) {
            return Objects.requireNonNull(live);
        }
        MergeType.Form form = type.form(applied);
        if (live == null || type.isAtomic(form)) {
            return applied;
        }
        if (form == MergeType.Form.LIST) {
            ArrayNode list = live instanceof ArrayNode array ? array : Json.array();
            ArrayNode elements = applied instanceof ArrayNode array ? array : Json.array();
            return list.isEmpty() && elements.isEmpty() ? applied : list(type, list, elements);
        }
        ObjectNode object = live instanceof ObjectNode there ? there : Json.object();
        ObjectNode fields = applied instanceof ObjectNode there ? there : Json.object();
        return object.isEmpty() && fields.isEmpty() ? applied : object(type, object, fields);
    }

    private static ObjectNode object(MergeType type, ObjectNode live, ObjectNode applied) {
        ObjectNode merged = Json.object();
        live.properties().forEach(field -> {
            JsonNode other = applied.get(field.getKey());
            merged.set(
                    field.getKey(),
                    other == null ? field.getValue() : field(type, field.getKey(), field.getValue(), other));
        });
        applied.properties().forEach(field -> {
            if (!live.has(field.getKey())) {
                merged.set(field.getKey(), field.getValue());
            }
        });
        return merged;
    }

    private static JsonNode field(MergeType type, String name, JsonNode live, JsonNode applied) {
        MergeType below = type.field(name);
        return value(below == null ? MergeType.UNDECLARED : below, live, applied);
    }

    private static ArrayNode list(MergeType type, ArrayNode live, ArrayNode applied) {
        return new ListMerge(type, live, applied).merged();
    }

    private static List<PathElement> identities(MergeType type, ArrayNode list) {
        List<PathElement> elements = new ArrayList<>(list.size());
        list.forEach(element -> elements.add(type.identify(element)));
        return elements;
    }

    /** One list being merged: two readers, one for each list, that take turns. */
    private static final class ListMerge {
        private final MergeType element;
        private final ArrayNode live;
        private final ArrayNode applied;
        private final List<PathElement> there;
        private final List<PathElement> wanted;
        private final Set<PathElement> wantedSet;

        /** The live elements; those that are there more than once have no partner in the applied list. */
        private final Map<PathElement, JsonNode> partners = new HashMap<>();

        private final Set<PathElement> repeated = new HashSet<>();

        /** Elements of both lists that are still to come, in the applied order. */
        private final Deque<PathElement> shared = new ArrayDeque<>();

        private final Set<PathElement> done = new HashSet<>();
        private final ArrayNode merged = Json.array();
        private int nextLive;
        private int nextApplied;

        ListMerge(MergeType type, ArrayNode live, ArrayNode applied) {
            this.element = type.element();
            this.live = live;
            this.applied = applied;
            this.there = identities(type, live);
            this.wanted = identities(type, applied);
            this.wantedSet = new HashSet<>(wanted);
            for (int i = 0; i < there.size(); i++) {
                if (partners.putIfAbsent(there.get(i), live.path(i)) != null) {
                    repeated.add(there.get(i));
                }
            }
            wanted.stream().filter(partners::containsKey).forEach(shared::add);
        }

        ArrayNode merged() {
            while (nextLive < there.size() || nextApplied < wanted.size()) {
                if (nextLive < there.size() && readLive()) {
                    continue;
                }
                if (nextApplied < wanted.size()) {
                    takeApplied();
                }
            }
            return merged;
        }

        /** @return false if it is the applied list's turn */
        private boolean readLive() {
            PathElement next = there.get(nextLive);
            if (!wantedSet.contains(next)) {
                merged.add(live.path(nextLive++));
                return true;
            }
            if (nextApplied < wanted.size()) {
                if (next.equals(wanted.get(nextApplied))) {
                    nextLive++;
                    return false;
                }
                boolean anotherIsDue = !shared.isEmpty() && !shared.peek().equals(next);
                if (anotherIsDue) {
                    nextLive++;
                    return true;
                }
            }
            if (done.contains(next)) {
                nextLive++;
            }
            return false;
        }

        private void takeApplied() {
            PathElement next = wanted.get(nextApplied);
            JsonNode partner = repeated.contains(next) ? null : partners.get(next);
            merged.add(value(element, partner, applied.path(nextApplied++)));
            done.add(next);
            if (next.equals(shared.peek())) {
                shared.remove();
            }
        }
    }
}
