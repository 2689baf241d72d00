package io.keelson.apiserver.patch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.schema.BuiltInSchemas;
import io.keelson.apiserver.schema.Schema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Patches against small models of what they should do. */
class PatchProperties {
    private static final Schema POD = BuiltInSchemas.get("io.k8s.api.core.v1.Pod");

    @Provide
    Arbitrary<ObjectNode> objects() {
        return Arbitraries.longs().map(seed -> object(new Random(seed), 3));
    }

    private static ObjectNode object(Random random, int depth) {
        ObjectNode object = Json.object();
        for (int i = random.nextInt(4); i > 0; i--) {
            object.set(String.valueOf((char) ('a' + random.nextInt(3))), value(random, depth - 1));
        }
        return object;
    }

    private static JsonNode value(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 8 : 5)) {
            case 0 -> Json.parse("null");
            case 1 -> Json.parse("true");
            case 2, 3 -> Json.parse(Integer.toString(random.nextInt(3)));
            case 4 -> Json.parse("\"x\"");
            case 5 -> {
                ArrayNode list = Json.array();
                for (int i = random.nextInt(3); i > 0; i--) {
                    list.add(value(random, depth - 1));
                }
                yield list;
            }
            default -> object(random, depth);
        };
    }

    /** RFC 7386, section 2, as it stands there; lists are the patch's business. */
    private static JsonNode mergePatch(JsonNode target, JsonNode patch) {
        if (!patch.isObject()) {
            return patch;
        }
        ObjectNode result = target instanceof ObjectNode object ? object.deepCopy() : Json.object();
        patch.properties().forEach(field -> {
            if (field.getValue().isNull()) {
                result.remove(field.getKey());
            } else {
                result.set(field.getKey(), mergePatch(result.path(field.getKey()), field.getValue()));
            }
        });
        return result;
    }

    private static JsonNode withoutNullsInLists(JsonNode value, boolean inList) {
        if (value instanceof ObjectNode object) {
            ObjectNode copy = Json.object();
            object.properties().forEach(field -> {
                if (!inList || !field.getValue().isNull()) {
                    copy.set(field.getKey(), withoutNullsInLists(field.getValue(), inList));
                }
            });
            return copy;
        }
        if (value instanceof ArrayNode list) {
            ArrayNode copy = Json.array();
            list.forEach(element -> copy.add(withoutNullsInLists(element, true)));
            return copy;
        }
        return value;
    }

    @Property
    void mergePatchesDoWhatTheRfcSays(@ForAll("objects") ObjectNode object, @ForAll("objects") ObjectNode patch) {
        JsonNode expected = mergePatch(object, withoutNullsInLists(patch, false));
        assertEquals(expected, MergePatch.of(patch).apply(object));
    }

    @Property
    void mergePatchesAppliedAgainChangeNothing(
            @ForAll("objects") ObjectNode object, @ForAll("objects") ObjectNode patch) {
        ObjectNode once = MergePatch.of(patch).apply(object);
        assertEquals(once, MergePatch.of(patch).apply(once));
    }

    /** Describes how one object becomes another, field by field. */
    private static void describe(String path, ObjectNode from, ObjectNode to, ArrayNode patch) {
        from.fieldNames().forEachRemaining(name -> {
            if (!to.has(name)) {
                patch.addObject().put("op", "remove").put("path", path + "/" + name);
            }
        });
        to.properties().forEach(field -> {
            String at = path + "/" + field.getKey();
            JsonNode before = from.get(field.getKey());
            if (before instanceof ObjectNode object && field.getValue() instanceof ObjectNode other) {
                describe(at, object, other, patch);
            } else if (!field.getValue().equals(before)) {
                patch.addObject()
                        .put("op", before == null ? "add" : "replace")
                        .put("path", at)
                        .set("value", field.getValue());
            }
            patch.addObject().put("op", "test").put("path", at).set("value", field.getValue());
        });
    }

    @Property
    void jsonPatchesDoWhatTheySay(@ForAll("objects") ObjectNode from, @ForAll("objects") ObjectNode to) {
        ArrayNode patch = Json.array();
        describe("", from, to, patch);
        ObjectNode before = from.deepCopy();
        assertEquals(to, JsonPatch.of(patch).patch(from));
        assertEquals(before, from);
    }

    @Property
    void whatIsMovedAwayAndBackIsThereAgain(@ForAll("objects") ObjectNode object) {
        ArrayNode patch = Json.array();
        object.fieldNames().forEachRemaining(name -> {
            patch.addObject().put("op", "move").put("from", "/" + name).put("path", "/moved");
            patch.addObject().put("op", "copy").put("from", "/moved").put("path", "/copied");
            patch.addObject().put("op", "move").put("from", "/moved").put("path", "/" + name);
            patch.addObject().put("op", "remove").put("path", "/copied");
        });
        assertEquals(
                new TreeMap<>(asMap(object)),
                new TreeMap<>(asMap(JsonPatch.of(patch).patch(object))));
    }

    private static Map<String, JsonNode> asMap(ObjectNode object) {
        Map<String, JsonNode> map = new LinkedHashMap<>();
        object.properties().forEach(field -> map.put(field.getKey(), field.getValue()));
        return map;
    }

    @Provide
    Arbitrary<List<String>> names() {
        return Arbitraries.of("a", "b", "c", "d", "e", "f")
                .list()
                .uniqueElements()
                .ofMaxSize(6);
    }

    @Provide
    Arbitrary<Map<String, Integer>> elements() {
        return Combinators.combine(
                        names(), Arbitraries.integers().between(0, 9).list().ofSize(6))
                .as((names, numbers) -> {
                    Map<String, Integer> map = new LinkedHashMap<>();
                    for (int i = 0; i < names.size(); i++) {
                        map.put(names.get(i), numbers.get(i));
                    }
                    return map;
                });
    }

    private static ObjectNode pod(Map<String, Integer> elements) {
        ObjectNode pod = Json.object();
        ArrayNode list = pod.putObject("spec").putArray("initContainers");
        elements.forEach((name, number) -> list.addObject().put("name", name).put("image", "i" + number));
        return pod;
    }

    /** The order by its definition: the patch's among themselves, the others among themselves, woven by old places. */
    private static List<String> woven(List<String> before, List<String> patch, Set<String> all) {
        List<String> others = before.stream()
                .filter(all::contains)
                .filter(name -> !patch.contains(name))
                .toList();
        List<String> result = new ArrayList<>();
        int next = 0;
        for (String name : patch.stream().filter(all::contains).toList()) {
            while (next < others.size()
                    && before.contains(name)
                    && before.indexOf(others.get(next)) < before.indexOf(name)) {
                result.add(others.get(next++));
            }
            result.add(name);
        }
        result.addAll(others.subList(next, others.size()));
        return result;
    }

    @Property
    void strategicMergesOfListsOfObjectsFollowTheModel(
            @ForAll("elements") Map<String, Integer> before,
            @ForAll("elements") Map<String, Integer> patch,
            @ForAll("names") List<String> deleted) {
        ObjectNode patchTree = pod(patch);
        ArrayNode list = (ArrayNode) patchTree.at("/spec/initContainers");
        List<String> gone = deleted.stream()
                .filter(name -> !patch.containsKey(name))
                .limit(2)
                .toList();
        gone.forEach(name -> list.addObject().put("$patch", "delete").put("name", name));

        Map<String, Integer> expected = new LinkedHashMap<>(before);
        expected.putAll(patch);
        gone.forEach(expected::remove);
        List<String> order = new ArrayList<>(before.keySet());
        order.removeAll(gone);
        Map<String, Integer> ordered = new LinkedHashMap<>();
        woven(order, List.copyOf(patch.keySet()), expected.keySet())
                .forEach(name -> ordered.put(name, expected.get(name)));
        if (before.isEmpty() && patch.isEmpty() && gone.isEmpty()) {
            return;
        }
        assertEquals(pod(ordered), StrategicMergePatch.of(patchTree).apply(pod(before), POD));
    }

    @Property
    void strategicMergesOfListsOfScalarsFollowTheModel(
            @ForAll("names") List<String> before,
            @ForAll("names") List<String> added,
            @ForAll("names") List<String> deleted) {
        ObjectNode object = Json.object();
        object.putObject("metadata").set("finalizers", Json.array(before));
        ObjectNode patch = Json.object();
        patch.putObject("metadata")
                .<ObjectNode>set("$deleteFromPrimitiveList/finalizers", Json.array(deleted))
                .set("finalizers", Json.array(added));
        if (before.isEmpty() && (added.isEmpty() || deleted.isEmpty())) {
            return;
        }
        List<String> left = new ArrayList<>(before);
        left.removeAll(deleted);
        Set<String> all = new LinkedHashSet<>(left);
        all.addAll(added);
        ObjectNode result = StrategicMergePatch.of(patch).apply(object, POD);
        assertEquals(Json.array(woven(left, added, all)), result.at("/metadata/finalizers"));
    }
}
