package io.keelson.apiserver.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.Trees;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Objects of every built-in kind, filled at random with what their schema declares. */
class BuiltInObjectsProperties {
    private static final List<String> NAMES = List.copyOf(BuiltInSchemas.names());

    @Provide
    Arbitrary<String> definitions() {
        return Arbitraries.of(NAMES);
    }

    @Provide
    Arbitrary<ObjectNode> trees() {
        return Trees.objects();
    }

    /** Something that the schema takes. */
    private static JsonNode made(Schema schema, Random random, int depth) {
        if (random.nextInt(12) == 0) {
            return Json.parse("null");
        }
        return switch (schema.type()) {
            case OBJECT -> object(schema, random, depth);
            case ARRAY -> {
                var array = Json.array();
                Schema items = schema.items();
                for (int i = random.nextInt(3); items != null && depth > 0 && i > 0; i--) {
                    array.add(made(items, random, depth - 1));
                }
                yield array;
            }
            case STRING -> text(schema, random);
            case INTEGER -> Json.parse(Integer.toString(random.nextInt(-2, 100)));
            case NUMBER -> Json.parse("1.5");
            case BOOLEAN -> Json.parse(Boolean.toString(random.nextBoolean()));
            case ANY -> Json.parse("{\"any\":[1]}");
        };
    }

    private static ObjectNode object(Schema schema, Random random, int depth) {
        ObjectNode object = Json.object();
        if (depth == 0) {
            return object;
        }
        Schema values = schema.additionalProperties();
        if (values != null) {
            object.set("key", made(values, random, depth - 1));
        }
        for (Map.Entry<String, Schema> property : schema.properties().entrySet()) {
            if (random.nextInt(3) == 0) {
                object.set(property.getKey(), made(property.getValue(), random, depth - 1));
            }
        }
        return object;
    }

    private static JsonNode text(Schema schema, Random random) {
        String text = switch (schema.name()) {
            case BuiltInSchemas.QUANTITY -> random.nextBoolean() ? "1000m" : "1.5Gi";
            case BuiltInSchemas.TIME -> "2026-01-31T10:00:00.5+01:00";
            case BuiltInSchemas.MICRO_TIME -> "2026-01-31T10:00:00.500000Z";
            case BuiltInSchemas.INT_OR_STRING -> "50%";
            case BuiltInSchemas.DURATION -> "1m";
            default -> schema.format().equals("byte") ? "aG\nk=" : random.nextBoolean() ? "" : "text";
        };
        return Json.object().textNode(text);
    }

    @Property(tries = 1_000, edgeCases = EdgeCasesMode.NONE)
    void whatTheSchemaTakesStays(@ForAll("definitions") String name, @ForAll long seed) {
        Schema schema = BuiltInSchemas.get(name);
        if (schema.type() != Schema.Type.OBJECT) {
            return;
        }
        ObjectNode object = object(schema, new Random(seed), 6);
        assertEquals(List.of(), UnknownFields.find(object, schema), name);
        assertEquals(null, TypeCheck.check(object, schema), name);
        ObjectNode pruned = object.deepCopy();
        Pruning.prune(pruned, schema);
        assertEquals(object, pruned);

        ObjectNode formed = object.deepCopy();
        WireForm.apply(formed, schema);
        ObjectNode again = formed.deepCopy();
        WireForm.apply(again, schema);
        assertEquals(formed, again, name);
        assertEquals(null, TypeCheck.check(formed, schema), name);

        ObjectNode defaulted = formed.deepCopy();
        Defaulting.apply(defaulted, schema);
        again = defaulted.deepCopy();
        Defaulting.apply(again, schema);
        assertEquals(defaulted, again, name);
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void whatIsPrunedHasNothingUnknown(@ForAll("definitions") String name, @ForAll("trees") ObjectNode tree) {
        Schema schema = BuiltInSchemas.get(name);
        ObjectNode known = object(schema, new Random(tree.hashCode()), 3);
        known.setAll(tree);
        Pruning.prune(known, schema);
        assertEquals(List.of(), UnknownFields.find(known, schema));
        ObjectNode again = known.deepCopy();
        Pruning.prune(again, schema);
        assertEquals(known, again);
    }
}
