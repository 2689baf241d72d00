package io.keelson.apiserver.patch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.schema.TestSchemas;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Strategic merge patches of objects of random schemas, against a model that knows no trees: an object is a map from paths
 * to values, elements of lists stand under their keys, and each statement of a patch adds or removes paths. The order of
 * lists is not part of it; {@link PatchProperties} has that.
 */
class StrategicMergeProperties {
    private static final String KEY = "k";
    private static final int KEYS = 4;
    private static final int SCALARS = 5;

    /** What may stand at a place of a random schema. */
    private sealed interface Shape {
        record Scalar() implements Shape {}

        /** A list that is replaced as a whole. */
        record Whole() implements Shape {}

        /** A list of numbers that is merged as a set. */
        record Scalars() implements Shape {}

        /** A list of objects that are known by {@link #KEY}. */
        record Keyed(Map<String, Shape> fields) implements Shape {}

        record Struct(boolean replaced, Map<String, Shape> fields) implements Shape {}
    }

    private static Map<String, Shape> shapes(Random random, int depth) {
        Map<String, Shape> fields = new LinkedHashMap<>();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            Shape shape = switch (random.nextInt(depth > 0 ? 7 : 3)) {
                case 0 -> new Shape.Scalar();
                case 1 -> new Shape.Whole();
                case 2 -> new Shape.Scalars();
                case 3, 4 -> new Shape.Keyed(shapes(random, depth - 1));
                case 5 -> new Shape.Struct(true, shapes(random, depth - 1));
                default -> new Shape.Struct(false, shapes(random, depth - 1));
            };
            fields.put("f" + i, shape);
        }
        return fields;
    }

    private static Schema schema(Shape shape) {
        Schema number = TestSchemas.integer();
        return switch (shape) {
            case Shape.Scalar _ -> number;
            case Shape.Whole _ -> TestSchemas.atomicList(number);
            case Shape.Scalars _ -> TestSchemas.mergedList(number, "");
            case Shape.Keyed keyed -> {
                Map<String, Schema> properties = properties(keyed.fields());
                properties.put(KEY, number);
                yield TestSchemas.mergedList(TestSchemas.object(properties), KEY);
            }
            case Shape.Struct struct when struct.replaced() -> TestSchemas.replacedObject(properties(struct.fields()));
            case Shape.Struct struct -> TestSchemas.object(properties(struct.fields()));
        };
    }

    private static Map<String, Schema> properties(Map<String, Shape> fields) {
        Map<String, Schema> properties = new LinkedHashMap<>();
        fields.forEach((name, shape) -> properties.put(name, schema(shape)));
        return properties;
    }

    /** Puts the paths of what stands somewhere into a model. What stands in a list twice shows in the value. */
    private static void put(Shape shape, JsonNode value, String path, Map<String, String> model) {
        switch (shape) {
            case Shape.Scalar _ -> model.put(path, value.toString());
            case Shape.Whole _ -> model.put(path, value.toString());
            case Shape.Scalars _ -> {
                model.put(path, "[]");
                value.forEach(element -> model.merge(element(path, element), "+", String::concat));
            }
            case Shape.Keyed keyed -> {
                model.put(path, "[]");
                for (JsonNode element : value) {
                    String at = element(path, element.path(KEY));
                    model.merge(at, "{}", String::concat);
                    putFields(keyed.fields(), element, at, model);
                }
            }
            case Shape.Struct struct -> {
                model.put(path, "{}");
                putFields(struct.fields(), value, path, model);
            }
        }
    }

    private static void putFields(Map<String, Shape> fields, JsonNode object, String path, Map<String, String> model) {
        object.properties().forEach(field -> {
            String name = field.getKey();
            Shape shape = fields.get(name);
            if (shape != null) {
                put(shape, field.getValue(), path + "." + name, model);
            } else if (!name.equals(KEY)) {
                model.put(path + "." + name, "unknown");
            }
        });
    }

    private static String element(String path, Object key) {
        return path + "[" + key + "]";
    }

    private static Map<String, String> modelOf(Map<String, Shape> fields, ObjectNode object) {
        Map<String, String> model = new TreeMap<>();
        putFields(fields, object, "", model);
        return model;
    }

    /** Makes up objects, and patches of which each statement is carried out on a model as it is written down. */
    private record Author(Random random, Map<String, String> model) {
        JsonNode fresh(Shape shape) {
            return switch (shape) {
                case Shape.Scalar _ -> IntNode.valueOf(random.nextInt(3));
                case Shape.Whole _ -> Json.array().add(random.nextInt(3)).add(random.nextInt(2));
                case Shape.Scalars _ -> {
                    ArrayNode list = Json.array();
                    for (int value = 0; value < SCALARS; value++) {
                        if (random.nextInt(3) == 0) {
                            list.add(value);
                        }
                    }
                    yield list;
                }
                case Shape.Keyed keyed -> freshElements(keyed);
                case Shape.Struct struct -> freshFields(struct.fields());
            };
        }

        ArrayNode freshElements(Shape.Keyed keyed) {
            ArrayNode list = Json.array();
            for (int key = 0; key < KEYS; key++) {
                if (random.nextBoolean()) {
                    list.add(freshFields(keyed.fields()).put(KEY, key));
                }
            }
            return list;
        }

        ObjectNode freshFields(Map<String, Shape> fields) {
            ObjectNode object = Json.object();
            fields.forEach((name, shape) -> {
                if (random.nextInt(3) > 0) {
                    object.set(name, fresh(shape));
                }
            });
            return object;
        }

        private void clear(String path) {
            model.keySet()
                    .removeIf(one -> one.equals(path) || one.startsWith(path + ".") || one.startsWith(path + "["));
        }

        private void replace(Shape shape, JsonNode value, String path) {
            clear(path);
            put(shape, value, path, model);
        }

        /** A patch of an object that is there. */
        ObjectNode fields(Map<String, Shape> fields, JsonNode before, String path) {
            ObjectNode patch = Json.object();
            fields.forEach((name, shape) -> {
                String at = path + "." + name;
                int chosen = random.nextInt(4);
                if (chosen == 1) {
                    patch.putNull(name);
                    clear(at);
                } else if (chosen > 1) {
                    field(patch, name, shape, before.path(name), at);
                }
            });
            return patch;
        }

        private void field(ObjectNode patch, String name, Shape shape, JsonNode before, String at) {
            if (before.isObject() && shape instanceof Shape.Struct struct && !struct.replaced()) {
                if (random.nextInt(5) == 0) {
                    ObjectNode whole = freshFields(struct.fields());
                    replace(struct, whole, at);
                    patch.set(name, whole.put("$patch", "replace"));
                } else {
                    patch.set(name, fields(struct.fields(), before, at));
                }
            } else if (before.isArray() && shape instanceof Shape.Scalars) {
                scalars(patch, name, at);
            } else if (before.isArray() && shape instanceof Shape.Keyed keyed) {
                patch.set(name, elements(keyed, before, at));
            } else {
                JsonNode value = fresh(shape);
                replace(shape, value, at);
                patch.set(name, value);
            }
        }

        private void scalars(ObjectNode patch, String name, String at) {
            ArrayNode added = Json.array();
            ArrayNode deleted = Json.array();
            for (int value = 0; value < SCALARS; value++) {
                int chosen = random.nextInt(3);
                if (chosen == 0) {
                    added.add(value);
                    model.putIfAbsent(element(at, value), "+");
                } else if (chosen == 1) {
                    deleted.add(value);
                    model.remove(element(at, value));
                }
            }
            String delete = "$deleteFromPrimitiveList/" + name;
            if (random.nextBoolean()) {
                patch.set(name, added);
                patch.set(delete, deleted);
            } else {
                patch.set(delete, deleted);
                patch.set(name, added);
            }
        }

        private ArrayNode elements(Shape.Keyed keyed, JsonNode before, String at) {
            if (random.nextInt(6) == 0) {
                ArrayNode only = freshElements(keyed);
                replace(keyed, only, at);
                only.addObject().put("$patch", "replace");
                return only;
            }
            ArrayNode patch = Json.array();
            for (int key = 0; key < KEYS; key++) {
                String element = element(at, key);
                int chosen = random.nextInt(3);
                if (chosen == 0) {
                    patch.addObject().put("$patch", "delete").put(KEY, key);
                    clear(element);
                } else if (chosen == 1) {
                    JsonNode old = ofKey(before, key);
                    ObjectNode changed;
                    if (old.isObject()) {
                        changed = fields(keyed.fields(), old, element);
                    } else {
                        changed = freshFields(keyed.fields());
                        model.put(element, "{}");
                        putFields(keyed.fields(), changed, element, model);
                    }
                    patch.add(changed.put(KEY, key));
                }
            }
            return patch;
        }

        private static JsonNode ofKey(JsonNode list, int key) {
            for (JsonNode element : list) {
                if (element.path(KEY).asInt() == key) {
                    return element;
                }
            }
            return MissingNode.getInstance();
        }
    }

    @Property(tries = 2_000)
    void patchesFollowTheModel(@ForAll long seed) {
        Random random = new Random(seed);
        Map<String, Shape> fields = shapes(random, 3);
        ObjectNode before = new Author(random, new TreeMap<>()).freshFields(fields);
        Map<String, String> model = modelOf(fields, before);
        ObjectNode patch = new Author(random, model).fields(fields, before, "");
        Schema schema = schema(new Shape.Struct(false, fields));
        ObjectNode after = StrategicMergePatch.of(patch).apply(before, schema);
        assertEquals(model, modelOf(fields, after), () -> before + "\n" + patch + "\n" + after);
    }
}
