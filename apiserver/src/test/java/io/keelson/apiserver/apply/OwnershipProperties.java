package io.keelson.apiserver.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.StatusCause;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.schema.TestSchemas;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/**
 * Updates and applies by several managers, on objects of random schemas, against a model that knows no trees: an object
 * is a map from paths of leaves to their values, a manager has a set of such paths, and the rules are those that {@link
 * Ownership} states. Lists whose elements are told apart may have some more than once, if they came by an update.
 */
class OwnershipProperties {
    private static final GroupVersionKind KIND = new GroupVersionKind("test", "v1", "Thing");
    private static final String API_VERSION = "test/v1";

    /** What the second key of an element is that does not say it. */
    private static final long DEFAULT_P = 7;

    /** What may stand at a place of a random schema. Names tell the shape, so that paths can be read without the schema. */
    private sealed interface Shape {
        record Scalar() implements Shape {}

        record Atomic() implements Shape {}

        record Elements() implements Shape {}

        record Entries() implements Shape {}

        /** Elements are known by one or two keys, the second of which has a default. */
        record Keyed(boolean twoKeys, Map<String, Shape> fields) implements Shape {}

        record Struct(Map<String, Shape> fields) implements Shape {}
    }

    private static Shape.Struct struct(Random random, int depth) {
        Map<String, Shape> fields = new LinkedHashMap<>();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            switch (random.nextInt(depth > 0 ? 6 : 4)) {
                case 0 -> fields.put("i" + i, new Shape.Scalar());
                case 1 -> fields.put("a" + i, new Shape.Atomic());
                case 2 -> fields.put("e" + i, new Shape.Elements());
                case 3 -> fields.put("m" + i, new Shape.Entries());
                case 4 ->
                    fields.put(
                            "l" + i,
                            new Shape.Keyed(
                                    random.nextBoolean(),
                                    struct(random, depth - 1).fields()));
                default -> fields.put("s" + i, struct(random, depth - 1));
            }
        }
        return new Shape.Struct(fields);
    }

    private static Schema schema(Shape shape) {
        Schema number = TestSchemas.integer();
        return switch (shape) {
            case Shape.Scalar scalar -> number;
            case Shape.Atomic atomic -> TestSchemas.atomicList(number);
            case Shape.Elements elements -> TestSchemas.setList(number);
            case Shape.Entries entries -> TestSchemas.map(number);
            case Shape.Struct struct -> TestSchemas.object(properties(struct.fields()));
            case Shape.Keyed keyed -> {
                Map<String, Schema> properties = properties(keyed.fields());
                properties.put("k", number);
                if (keyed.twoKeys()) {
                    properties.put("p", TestSchemas.integerByDefault(DEFAULT_P));
                }
                List<String> keys = keyed.twoKeys() ? List.of("k", "p") : List.of("k");
                yield TestSchemas.mapList(TestSchemas.object(properties), keys);
            }
        };
    }

    private static Map<String, Schema> properties(Map<String, Shape> fields) {
        Map<String, Schema> properties = new LinkedHashMap<>();
        fields.forEach((name, shape) -> properties.put(name, schema(shape)));
        return properties;
    }

    /** A random value that has something in it; null if nothing came together. */
    private static @Nullable JsonNode value(Shape shape, Random random) {
        return switch (shape) {
            case Shape.Scalar scalar -> Json.parse(Integer.toString(random.nextInt(3)));
            case Shape.Atomic atomic -> Json.array().add(random.nextInt(3)).add(random.nextInt(2));
            case Shape.Elements elements -> {
                ArrayNode list = Json.array();
                new Random(random.nextInt(50)).ints(2, 0, 4).distinct().forEach(number -> list.add((long) number));
                yield list;
            }
            case Shape.Entries entries -> {
                ObjectNode object = Json.object();
                for (int i = 1 + random.nextInt(2); i > 0; i--) {
                    object.put("x" + random.nextInt(3), (long) random.nextInt(3));
                }
                yield object;
            }
            case Shape.Struct struct -> fields(struct.fields(), random);
            case Shape.Keyed keyed -> {
                Map<String, ObjectNode> elements = new LinkedHashMap<>();
                for (int i = 1 + random.nextInt(3); i > 0; i--) {
                    ObjectNode element = Json.object();
                    element.put("k", (long) random.nextInt(3));
                    if (keyed.twoKeys() && random.nextBoolean()) {
                        element.put("p", random.nextBoolean() ? DEFAULT_P : DEFAULT_P + 1);
                    }
                    ObjectNode more = fields(keyed.fields(), random);
                    if (more != null) {
                        element.setAll(more);
                    }
                    elements.put(element.path("k") + "/" + element.path("p").asLong(DEFAULT_P), element);
                }
                yield Json.array().addAll(elements.values());
            }
        };
    }

    private static @Nullable ObjectNode fields(Map<String, Shape> fields, Random random) {
        ObjectNode object = Json.object();
        fields.forEach((name, shape) -> {
            if (random.nextInt(3) > 0) {
                JsonNode value = value(shape, random);
                if (value != null) {
                    object.set(name, value);
                }
            }
        });
        return object.isEmpty() ? null : object;
    }

    private static ObjectNode thing(Shape.Struct shape, Random random) {
        ObjectNode thing = Json.object();
        thing.put("apiVersion", API_VERSION)
                .put("kind", "Thing")
                .putObject("metadata")
                .put("name", "t");
        ObjectNode spec = fields(shape.fields(), random);
        if (spec != null) {
            thing.set("spec", spec);
        }
        return thing;
    }

    /**
     * Puts elements into lists a second time, or a third, where elements are told apart.
     *
     * @return whether there was such a list and the lot fell on it
     */
    private static boolean repeat(Shape shape, JsonNode value, Random random) {
        boolean repeated = false;
        switch (shape) {
            case Shape.Scalar scalar -> {}
            case Shape.Atomic atomic -> {}
            case Shape.Entries entries -> {}
            case Shape.Elements elements -> {
                if (value instanceof ArrayNode list && random.nextBoolean()) {
                    list.insert(random.nextInt(list.size() + 1), list.path(random.nextInt(list.size())));
                    repeated = true;
                }
            }
            case Shape.Struct struct -> repeated = repeatInFields(struct.fields(), value, random);
            case Shape.Keyed keyed -> {
                for (JsonNode element : value) {
                    repeated |= repeatInFields(keyed.fields(), element, random);
                }
                if (value instanceof ArrayNode list) {
                    for (int more = random.nextInt(3); more > 0; more--) {
                        JsonNode twin = list.path(random.nextInt(list.size()));
                        list.insert(random.nextInt(list.size() + 1), sameKeys(keyed, twin, random));
                        repeated = true;
                    }
                }
            }
        }
        return repeated;
    }

    private static boolean repeatInFields(Map<String, Shape> fields, JsonNode object, Random random) {
        boolean repeated = false;
        for (Map.Entry<String, Shape> field : fields.entrySet()) {
            if (object.has(field.getKey())) {
                repeated |= repeat(field.getValue(), object.path(field.getKey()), random);
            }
        }
        return repeated;
    }

    /** An element that is known by what another one is known by, and has whatever else. */
    private static ObjectNode sameKeys(Shape.Keyed keyed, JsonNode twin, Random random) {
        ObjectNode element = Json.object().put("k", twin.path("k").asLong());
        long second = twin.path("p").asLong(DEFAULT_P);
        if (keyed.twoKeys() && (second != DEFAULT_P || random.nextBoolean())) {
            element.put("p", second);
        }
        ObjectNode more = fields(keyed.fields(), random);
        if (more != null) {
            element.setAll(more);
        }
        return element;
    }

    /**
     * The leaves of an object: path → value. Elements of lists are leaves too, without a value; but one that is there more
     * than once is known as all that stands there, and has no parts.
     */
    private static Map<String, String> leaves(Shape.Struct shape, JsonNode thing) {
        Map<String, String> leaves = new TreeMap<>();
        leaves(shape, thing.path("spec"), ".spec", leaves);
        return leaves;
    }

    private static void leaves(Shape shape, JsonNode value, String path, Map<String, String> leaves) {
        switch (shape) {
            case Shape.Scalar scalar -> leaves.put(path, value.toString());
            case Shape.Atomic atomic -> leaves.put(path, value.toString());
            case Shape.Elements elements ->
                value.forEach(element -> leaves.merge(path + "[=" + element + "]", "", (one, _) -> one + "again "));
            case Shape.Entries entries ->
                value.properties()
                        .forEach(entry -> leaves.put(
                                path + "." + entry.getKey(), entry.getValue().toString()));
            case Shape.Struct struct ->
                value.properties()
                        .forEach(field -> leaves(
                                Objects.requireNonNull(struct.fields().get(field.getKey())),
                                field.getValue(),
                                path + "." + field.getKey(),
                                leaves));
            case Shape.Keyed keyed -> {
                Map<String, List<JsonNode>> elements = new LinkedHashMap<>();
                value.forEach(element -> elements.computeIfAbsent(
                                path + "[k=" + element.path("k")
                                        + (keyed.twoKeys()
                                                ? ",p=" + element.path("p").asLong(DEFAULT_P)
                                                : "")
                                        + "]",
                                missing -> new ArrayList<>())
                        .add(element));
                elements.forEach((at, all) -> {
                    leaves.put(at, all.size() == 1 ? "" : all.toString());
                    if (all.size() == 1) {
                        all.getFirst()
                                .properties()
                                .forEach(field -> leaves(
                                        keyed.fields().getOrDefault(field.getKey(), new Shape.Scalar()),
                                        field.getValue(),
                                        at + "." + field.getKey(),
                                        leaves));
                    }
                });
            }
        }
    }

    /** Structures, lists and maps themselves: that they were put there is tracked too, and no matter of the model. */
    private static boolean isContainer(String path) {
        return path.equals(".spec") || path.matches(".*\\.[smel][0-9]");
    }

    /** The model. */
    private static final class Model {
        private Map<String, String> live = new TreeMap<>();
        private final Map<String, TreeSet<String>> owned = new TreeMap<>();

        void update(String manager, Map<String, String> now) {
            Set<String> set = new TreeSet<>();
            now.forEach((path, value) -> {
                if (!value.equals(live.get(path))) {
                    set.add(path);
                }
            });
            owned.values().forEach(paths -> {
                paths.removeAll(set);
                paths.removeIf(path -> !now.containsKey(path));
            });
            owned.computeIfAbsent(manager, missing -> new TreeSet<>()).addAll(set);
            live = now;
            forgetIdle();
        }

        /** @return the paths in conflict, by manager; nothing is done if there are any, unless it is forced */
        Map<String, Set<String>> apply(String manager, Map<String, String> config, boolean force) {
            Map<String, Set<String>> conflicts = new TreeMap<>();
            owned.forEach((other, paths) -> {
                for (String path : paths) {
                    boolean differs =
                            config.containsKey(path) && !config.get(path).equals(live.get(path));
                    if (differs && !other.equals(manager)) {
                        conflicts
                                .computeIfAbsent(other, missing -> new TreeSet<>())
                                .add(path);
                    }
                }
            });
            if (!conflicts.isEmpty() && !force) {
                return conflicts;
            }
            conflicts.forEach(
                    (other, paths) -> owned.getOrDefault(other, new TreeSet<>()).removeAll(paths));
            TreeSet<String> givenUp = new TreeSet<>(owned.getOrDefault(manager, new TreeSet<>()));
            owned.put(manager, new TreeSet<>(config.keySet()));
            live.putAll(config);
            owned.values().forEach(givenUp::removeAll);
            givenUp.forEach(gone -> live.keySet()
                    .removeIf(path -> path.equals(gone) || (gone.endsWith("]") && path.startsWith(gone + "."))));
            owned.values().forEach(paths -> paths.removeIf(path -> !live.containsKey(path)));
            forgetIdle();
            return conflicts;
        }

        private void forgetIdle() {
            owned.values().removeIf(Set::isEmpty);
        }
    }

    private static Map<String, Set<String>> owned(ObjectNode thing) {
        Map<String, Set<String>> owned = new TreeMap<>();
        ArrayNode list = ObjectMeta.managedFields(thing);
        if (list != null) {
            list.forEach(entry -> FieldsV1.read(entry.path("fieldsV1")).forEach(path -> {
                String shown = FieldSet.shown(path);
                if (!isContainer(shown)) {
                    owned.computeIfAbsent(entry.path("manager").asText(), missing -> new TreeSet<>())
                            .add(shown);
                }
            }));
        }
        return owned;
    }

    private static final class OneVersion implements Versions {
        private final Schema schema;

        OneVersion(Schema schema) {
            this.schema = schema;
        }

        @Override
        public @Nullable Schema schema(String apiVersion) {
            return apiVersion.equals(API_VERSION) ? schema : null;
        }

        @Override
        public ObjectNode convert(ObjectNode object, String apiVersion) {
            return object.deepCopy();
        }
    }

    private static FieldManager manager(Shape.Struct shape) {
        Schema schema = TestSchemas.object(Map.of("spec", schema(shape)));
        return new FieldManager(new OneVersion(schema), KIND, "", Map.of(), false, () -> Instant.ofEpochSecond(1_000));
    }

    /** A value for everything that has one, the same in all else. */
    private static JsonNode revalued(Shape shape, JsonNode value, Random random) {
        return switch (shape) {
            case Shape.Scalar scalar -> Json.parse(Integer.toString(random.nextInt(3)));
            case Shape.Atomic atomic -> Json.array().add(random.nextInt(3)).add(random.nextInt(2));
            case Shape.Elements elements -> value;
            case Shape.Entries entries -> {
                ObjectNode object = Json.object();
                value.fieldNames().forEachRemaining(name -> object.put(name, (long) random.nextInt(3)));
                yield object;
            }
            case Shape.Struct struct -> {
                ObjectNode object = Json.object();
                value.properties()
                        .forEach(field -> object.set(
                                field.getKey(),
                                revalued(
                                        Objects.requireNonNull(struct.fields().get(field.getKey())),
                                        field.getValue(),
                                        random)));
                yield object;
            }
            case Shape.Keyed keyed -> {
                ArrayNode list = Json.array();
                value.forEach(element -> {
                    ObjectNode object = list.addObject();
                    element.properties().forEach(field -> {
                        Shape ofField = keyed.fields().get(field.getKey());
                        object.set(
                                field.getKey(),
                                ofField == null ? field.getValue() : revalued(ofField, field.getValue(), random));
                    });
                });
                yield list;
            }
        };
    }

    /** Who gives nothing up takes nothing away: what was there and what is applied is all there. */
    @Property(tries = 1_000)
    void whoAppliesTheSameFieldsAgainRemovesNothing(@ForAll long seed) {
        Random random = new Random(seed);
        Shape.Struct shape = struct(random, 2);
        FieldManager manager = manager(shape);
        ObjectNode config = thing(shape, random);
        ObjectNode live = manager.apply(manager.update(null, thing(shape, random), "first"), config, "applier", true);
        ObjectNode same = manager.apply(live, config, "applier", false);
        assertEquals(live, same, "the same again");
        ObjectNode others = live.deepCopy();
        ObjectNode more = thing(shape, random);
        if (random.nextBoolean()) {
            others = manager.apply(others, more, "second", true);
        }
        ObjectNode again = config.deepCopy();
        if (again.has("spec")) {
            again.set("spec", revalued(shape, config.path("spec"), random));
        }
        Map<String, String> expected = leaves(shape, others);
        expected.putAll(leaves(shape, again));
        assertEquals(expected, leaves(shape, manager.apply(others, again, "applier", true)));
    }

    /** What is applied may have each element once; forced or not, nothing comes of it. */
    private static void refusesRepeated(
            FieldManager manager,
            @Nullable ObjectNode live,
            Shape.Struct shape,
            ObjectNode thing,
            String name,
            Random random) {
        ObjectNode config = thing.deepCopy();
        if (!repeat(shape, config.path("spec"), random)) {
            return;
        }
        ObjectNode before = live == null ? null : live.deepCopy();
        ApiException refusal =
                assertThrows(ApiException.class, () -> manager.apply(live, config, name, random.nextBoolean()));
        assertEquals(500, refusal.code());
        assertTrue(refusal.message().startsWith("failed to create typed patch object ("), refusal.message());
        assertTrue(refusal.message().contains(": duplicate entries for key ["), refusal.message());
        assertEquals(before, live);
    }

    @Property(tries = 1_500)
    void managersFollowTheModel(@ForAll long seed) {
        Random random = new Random(seed);
        Shape.Struct shape = struct(random, 2);
        FieldManager manager = manager(shape);
        Model model = new Model();
        ObjectNode live = null;
        Map<String, ObjectNode> lastApplied = new HashMap<>();
        for (int step = 0; step < 8; step++) {
            ObjectNode thing = thing(shape, random);
            if (random.nextInt(3) == 0) {
                String name = "updater" + random.nextInt(2);
                if (random.nextInt(3) == 0) {
                    repeat(shape, thing.path("spec"), random);
                }
                model.update(name, leaves(shape, thing));
                live = manager.update(live, thing, name);
            } else {
                String name = "applier" + random.nextInt(3);
                boolean force = random.nextInt(3) > 0;
                if (random.nextInt(3) == 0) {
                    // The same again, or with other values: nothing is given up.
                    thing = random.nextBoolean() ? lastApplied.getOrDefault(name, thing) : thing;
                }
                if (random.nextInt(6) == 0) {
                    refusesRepeated(manager, live, shape, thing, name, random);
                }
                lastApplied.put(name, thing);
                Map<String, String> config = leaves(shape, thing);
                Map<String, Set<String>> conflicts = model.apply(name, config, force);
                try {
                    ObjectNode applied = manager.apply(live, thing, name, force);
                    assertEquals(Map.of(), force ? Map.of() : conflicts, "conflicts were missed");
                    live = applied;
                } catch (ApiException e) {
                    Set<String> expected = new TreeSet<>();
                    conflicts.values().forEach(expected::addAll);
                    Set<String> actual = new TreeSet<>();
                    e.details().causes().stream().map(StatusCause::field).forEach(actual::add);
                    assertEquals(expected, actual, e.message());
                }
            }
            if (live != null && ObjectMeta.managedFields(live) == null) {
                // Nobody manages anything, so tracking stops here; the model goes on.
                return;
            }
            if (live != null) {
                assertEquals(model.live, leaves(shape, live), "object after step " + step);
                assertEquals(model.owned, owned(live), "managers after step " + step);
            }
        }
    }
}
