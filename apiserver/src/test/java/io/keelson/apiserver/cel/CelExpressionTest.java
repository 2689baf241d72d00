package io.keelson.apiserver.cel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cel.common.types.SimpleType;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.schema.StructuralSchema;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CelExpressionTest {
    private static final Schema SCHEMA = StructuralSchema.read(Json.parse("""
            {"type":"object","properties":{
              "spec":{"type":"object","properties":{
                "replicas":{"type":"integer"},
                "foo-bar":{"type":"string"},
                "namespace":{"type":"string"},
                "free":{"x-kubernetes-preserve-unknown-fields":true},
                "port":{"x-kubernetes-int-or-string":true},
                "since":{"type":"string","format":"date-time"},
                "wait":{"type":"string","format":"duration"},
                "ratio":{"type":"number"},
                "labels":{"type":"object","additionalProperties":{"type":"string"}},
                "items":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"}}}}}}}}"""));

    private static final String OBJECT = """
            {"apiVersion":"v1","kind":"Foo","metadata":{"name":"a"},
             "spec":{"replicas":3,"foo-bar":"x","namespace":"n","free":{"a":1},"port":80,"since":"2024-01-01T00:00:00Z",
             "wait":"1m30s","ratio":1,"labels":{"a-b":"c"},"items":[{"name":"p"},{"name":"q"}]}}""";

    private static CelExpression compile(String text) throws CelExpressionException {
        return CelEnvironment.standard()
                .with("self", "object", SCHEMA)
                .with("any", SimpleType.DYN)
                .compile(text, Set.of(CelResult.BOOL));
    }

    private static boolean test(String text) throws CelExpressionException {
        return compile(text)
                .test(
                        Map.of(
                                "self", CelValues.of(Json.parse(OBJECT), SCHEMA),
                                "any", CelValues.of(Json.parse(OBJECT))),
                        CelBudget.ofObject());
    }

    private static String refusal(String text) {
        return String.valueOf(assertThrows(CelExpressionException.class, () -> test(text)).getMessage());
    }

    @Test
    void readsFieldsByTheTypesOfTheSchema() throws CelExpressionException {
        assertTrue(test("self.spec.replicas == 3"));
        assertTrue(test("self.spec.replicas < 3.5"));
        assertTrue(test("self.spec.foo__dash__bar == 'x'"));
        assertTrue(test("self.spec.__namespace__ == 'n'"));
        assertTrue(test("self.spec.since < timestamp('2024-01-02T00:00:00Z')"));
        assertTrue(test("self.spec.wait == duration('90s')"));
        assertTrue(test("self.spec.ratio == 1.0"));
        assertTrue(test("self.spec.labels['a-b'] == 'c'"));
        assertTrue(test("self.spec.items.all(i, i.name in ['p', 'q'])"));
        assertTrue(test("type(self.spec.port) == int && self.spec.port == 80"));
        assertTrue(test("self.spec.items.map(i, i.name).join(',') == 'p,q'"));
        assertTrue(test("has(self.spec.replicas) && size(self.spec.items) == 2"));
        assertTrue(test("self.metadata.name == 'a' && self.kind == 'Foo'"));
        assertTrue(test("self.spec.?replicas.orValue(1) == 3"));
    }

    @Test
    void readsAnythingWithoutASchema() throws CelExpressionException {
        assertTrue(test("any.spec['foo-bar'] == 'x' && any.spec.replicas == 3 && any.spec.free.a == 1"));
    }

    @Test
    void refusesWhatTheSchemaDoesNotDeclare() {
        assertEquals(
                "compilation failed: ERROR: <input>:1:10: undefined field 'nope'\n | self.spec.nope == 1\n | .........^",
                refusal("self.spec.nope == 1"));
        assertTrue(refusal("self.spec.free == 1").contains("undefined field 'free'"));
        assertEquals(
                "compilation failed: ERROR: <input>:1:20: found no matching overload for '_==_' applied to '(int, string)'\n"
                        + " | self.spec.replicas == 'a'\n | ...................^",
                refusal("self.spec.replicas == 'a'"));
        assertTrue(refusal("self.spec.replicas + ").startsWith("compilation failed: ERROR: <input>:1:22: Syntax error: mismatched"
                + " input '<EOF>' expecting "));
        assertEquals("must evaluate to bool", refusal("self.spec.replicas"));
    }

    @Test
    void refusesTextsThatCanOnlyFail() {
        assertEquals(
                "compilation failed: ERROR: <input>:1:18: invalid matches argument\n | any.kind.matches('a(')\n"
                        + " | .................^",
                refusal("any.kind.matches('a(')"));
        assertTrue(refusal("duration('soon') == duration('1s')").contains("invalid duration argument"));
        assertTrue(refusal("timestamp('now') == any.t").contains("invalid timestamp argument"));
    }

    @Test
    void saysWhyThereIsNoResult() {
        assertEquals("no such key: nope", refusal("any.nope == 1"));
        assertEquals("index out of bounds: 7", refusal("any.spec.items[7].name == 'a'"));
        assertEquals("division by zero", refusal("1 / (any.spec.replicas - 3) == 1"));
        assertEquals("integer overflow", refusal("9223372036854775807 + any.spec.replicas == 1"));
        assertEquals("no such overload", refusal("any.spec.replicas + any.kind == 1"));
    }

    @Test
    void knowsTheVariablesItUses() throws CelExpressionException {
        assertTrue(compile("self.spec.replicas == 3").uses("self"));
        assertFalse(compile("self.spec.replicas == 3").uses("any"));
    }

    @Test
    void endsLoopsOverLoopsWhenTheyCostTooMuch() throws CelExpressionException {
        CelExpression loops = CelEnvironment.standard()
                .with("self", SimpleType.DYN)
                .compile("self.all(a, self.all(b, self.exists(c, 1 / 0 == 1) || true))", Set.of(CelResult.BOOL));
        var list = Json.array();
        for (int i = 0; i < 1_000; i++) {
            list.add(i);
        }
        CelBudget budget = CelBudget.ofObject();
        long start = System.nanoTime();
        CelExpressionException stopped = assertThrows(
                CelExpressionException.class, () -> loops.test(Map.of("self", CelValues.of(list)), budget));
        long millis = (System.nanoTime() - start) / 1_000_000;
        assertTrue(stopped.budgetExceeded(), stopped.getMessage());
        assertEquals("operation cancelled: actual cost limit exceeded", stopped.getMessage());
        // A tenth of a second on a machine that does nothing else
        assertTrue(millis < 20_000, millis + " ms");
        assertTrue(budget.left() < 9_100_000 && budget.left() > 8_000_000, "left " + budget.left());
    }
}
