package io.keelson.apiserver.cel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cel.common.types.SimpleType;
import io.keelson.apiserver.cel.functions.FunctionFailure;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.schema.StructuralSchema;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Whatever the schema, the object and the expression are: an evaluation gives a value, or says why it does not. */
class EvaluationProperties {
    private static final List<String> NAMES = List.of("a", "b-c", "namespace", "x.y", "_z", "in", "d");
    private static final List<String> FORMATS = List.of("", "date-time", "duration", "byte", "date");

    private static ObjectNode schema(Random random, int depth) {
        ObjectNode schema = Json.object();
        switch (random.nextInt(depth > 3 ? 5 : 8)) {
            case 0 -> schema.put("type", "integer");
            case 1 -> schema.put("type", "number");
            case 2 -> schema.put("type", "boolean");
            case 3 -> schema.put("x-kubernetes-int-or-string", true);
            case 4 -> schema.put("type", "string").put("format", FORMATS.get(random.nextInt(FORMATS.size())));
            case 5 -> {
                schema.put("type", "array").set("items", schema(random, depth + 1));
                if (random.nextBoolean()) {
                    schema.put("x-kubernetes-list-type", "set");
                }
            }
            case 6 -> schema.put("type", "object").set("additionalProperties", schema(random, depth + 1));
            default -> {
                ObjectNode properties = schema.put("type", "object").putObject("properties");
                for (String name : NAMES) {
                    if (random.nextBoolean()) {
                        properties.set(name, schema(random, depth + 1));
                    }
                }
            }
        }
        return schema.put("nullable", random.nextBoolean());
    }

    /** A value that often, but not always, is as the schema says. */
    private static JsonNode value(Random random, Schema schema, int depth) {
        ObjectNode some = Json.object();
        if (random.nextInt(8) == 0 || depth > 6) {
            return List.of(
                            some.nullNode(),
                            some.numberNode(random.nextLong()),
                            some.numberNode(random.nextDouble()),
                            some.textNode("text"),
                            Json.array(List.of("a", "a")),
                            some.booleanNode(true))
                    .get(random.nextInt(6));
        }
        return switch (schema.type()) {
            case INTEGER -> some.numberNode(random.nextInt(10));
            case NUMBER -> random.nextBoolean() ? some.numberNode(random.nextInt(10)) : some.numberNode(1.5);
            case BOOLEAN -> some.booleanNode(random.nextBoolean());
            case STRING ->
                some.textNode(List.of("", "abc", "2024-01-01T00:00:00Z", "1h", "YWJj", "2024-01-01")
                        .get(random.nextInt(6)));
            case ARRAY -> {
                var list = Json.array();
                Schema items = schema.items();
                for (int i = random.nextInt(4); i > 0 && items != null; i--) {
                    list.add(value(random, items, depth + 1));
                }
                yield list;
            }
            case OBJECT -> {
                Schema values = schema.additionalProperties();
                for (String name : NAMES) {
                    Schema below = values != null ? values : schema.property(name);
                    if (below != null && random.nextBoolean()) {
                        some.set(name, value(random, below, depth + 1));
                    }
                }
                yield some.put("undeclared", 1);
            }
            case ANY -> random.nextBoolean() ? some.numberNode(80) : some.textNode("http");
        };
    }

    private static String expression(Random random, int depth) {
        String one = depth > 3 ? leaf(random) : expression(random, depth + 1);
        return switch (random.nextInt(16)) {
            case 0 -> one + " == " + leaf(random);
            case 1 -> one + " + " + leaf(random);
            case 2 -> one + " < " + leaf(random) + " || " + leaf(random) + " > 1";
            case 3 -> "(" + one + ").all(v" + depth + ", v" + depth + " == " + leaf(random) + ")";
            case 4 -> "(" + one + ").map(v" + depth + ", [v" + depth + "])";
            case 5 -> "size(" + one + ")";
            case 6 -> "(" + one + ").format([" + leaf(random) + "])";
            case 7 -> "(" + one + ") ? " + leaf(random) + " : " + leaf(random);
            case 8 -> "string(" + one + ")";
            case 9 -> "(" + one + ")[" + leaf(random) + "]";
            case 10 -> "(" + one + ").matches('a+') && !" + leaf(random);
            case 11 -> "(" + one + ").?a.orValue(" + leaf(random) + ")";
            case 12 -> leaf(random) + " in " + one;
            case 13 -> "(" + one + ").isSorted()";
            case 14 -> "(" + one + ").indexOf(" + leaf(random) + ")";
            default -> one;
        };
    }

    private static String leaf(Random random) {
        return List.of(
                        "self",
                        "self",
                        "any",
                        "any.a",
                        "self.a",
                        "self.b__dash__c",
                        "self.__namespace__",
                        "any._z",
                        "self.d",
                        "1",
                        "'a'",
                        "1.5",
                        "[1, 2]",
                        "{'a': 1}",
                        "null",
                        "true",
                        "any['x.y']",
                        "self.x__dot__y")
                .get(random.nextInt(18));
    }

    @Property(tries = 700)
    void anEvaluationGivesAValueOrSaysWhyNot(@ForAll long seed) {
        Random random = new Random(seed);
        Schema schema = StructuralSchema.read(Json.object()
                .put("type", "object")
                .set("properties", Json.object().set("spec", schema(random, 0))));
        Schema spec = schema.property("spec");
        if (spec == null) {
            throw new AssertionError("it was declared");
        }
        JsonNode value = value(random, spec, 0);
        Object self;
        try {
            self = CelValues.of(value, spec);
        } catch (FunctionFailure e) {
            assertTrue(value.isTextual(), "only a text can be of a wrong format");
            return;
        }
        CelEnvironment environment =
                CelEnvironment.standard().with("self", "self", spec).with("any", SimpleType.DYN);
        for (int i = 0; i < 10; i++) {
            String text = expression(random, 0);
            try {
                CelExpression compiled = environment.compile(text, Set.of(CelResult.ANY));
                assertTrue(compiled.estimatedCost(Map.of("self", spec)) >= 0, text);
                Object result =
                        compiled.evaluate(Map.of("self", self, "any", CelValues.of(value)), CelBudget.ofObject());
                CelValues.json(result);
            } catch (CelExpressionException e) {
                assertTrue(e.getMessage() != null && !e.getMessage().isBlank(), text);
                assertTrue(!e.getMessage().startsWith("evaluation failed: "), text + ": " + e.getMessage());
            }
        }
    }

    @Property(tries = 500)
    void anythingThatIsNoSchemasBusinessComesBackAsItWas(@ForAll long seed) {
        Random random = new Random(seed);
        Schema schema = StructuralSchema.read(schema(random, 0));
        JsonNode value = value(random, schema, 0);
        if (value instanceof ObjectNode || value.isArray()) {
            assertEquals(value, CelValues.json(CelValues.of(value)));
        }
    }

    @Property(tries = 60)
    void whatIsDeepOrLongIsRefusedInTime(@ForAll @IntRange(min = 1_000, max = 40_000) int length, @ForAll long seed) {
        Random random = new Random(seed);
        String text = List.of(
                        "(".repeat(length) + "1" + ")".repeat(length),
                        "[".repeat(length) + "]".repeat(length),
                        "1" + " + 1".repeat(length),
                        "self" + ".a".repeat(length),
                        "self" + "[0]".repeat(length),
                        "!".repeat(length) + "1",
                        "true" + " && true".repeat(length),
                        "{1:".repeat(length),
                        "self.all(x, ".repeat(length))
                .get(random.nextInt(9));
        long start = System.nanoTime();
        try {
            CelEnvironment.standard().with("self", SimpleType.DYN).compile(text, Set.of(CelResult.BOOL));
        } catch (CelExpressionException e) {
            assertTrue(e.getMessage() != null && e.getMessage().length() < 10_000, "a message of bounded length");
        }
        assertTrue(System.nanoTime() - start < 20_000_000_000L, "refused in time");
    }
}
