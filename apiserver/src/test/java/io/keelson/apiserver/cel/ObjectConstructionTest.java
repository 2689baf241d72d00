package io.keelson.apiserver.cel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cel.common.types.SimpleType;
import io.keelson.apiserver.object.Json;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Expressions that make objects. */
final class ObjectConstructionTest {
    private static final CelEnvironment ENVIRONMENT =
            CelEnvironment.standard().with("object", SimpleType.DYN).withObjects();

    private static Object made(String text) throws CelExpressionException {
        return ENVIRONMENT
                .compile(text, Set.of(CelResult.ANY))
                .evaluate(
                        Map.of("object", CelValues.of(Json.parse("{\"names\":[\"a\",\"b\"],\"n\":3}"))),
                        CelBudget.ofObject());
    }

    private static String json(String text) throws CelExpressionException {
        return Json.text(CelValues.json(made(text)));
    }

    private static String refusal(String text) {
        return String.valueOf(
                assertThrows(CelExpressionException.class, () -> made(text)).getMessage());
    }

    @Test
    void fieldsAreWhateverStandsThere() throws CelExpressionException {
        ConstructedObject object =
                assertInstanceOf(ConstructedObject.class, made("Object{spec: Object.spec{n: object.n + 1}}"));
        assertEquals("Object", object.typeName());
        assertEquals(
                "Object.spec",
                assertInstanceOf(ConstructedObject.class, object.get("spec")).typeName());
        assertEquals("{\"spec\":{\"n\":4}}", json("Object{spec: Object.spec{n: object.n + 1}}"));
        assertEquals("{}", json("Object{}"));
        assertEquals(
                "{\"list\":[{\"name\":\"a\"},{\"name\":\"b\"}]}",
                json("Object{list: object.names.map(n, Object.list{name: n})}"));
        assertEquals("[{\"a\":1}]", json("true ? [Object.a{a: 1}] : []"));
    }

    @Test
    void fieldsMayBeLeftOut() throws CelExpressionException {
        assertEquals("{\"b\":3}", json("Object{?a: object.?absent, ?b: object.?n}"));
        assertEquals("{\"m\":{\"k\":{\"x\":1}}}", json("Object{?m: optional.of({'k': Object.m{x: 1}})}"));
    }

    @Test
    void objectsCanBeLookedAt() throws CelExpressionException {
        assertEquals(1L, made("Object{a: 1}.a"));
        assertEquals(true, made("has(Object{a: 1}.a) && !has(Object{b: 1}.a)"));
        assertEquals(true, made("Object{a: 1} == Object{a: 1}"));
        assertEquals(false, made("Object{a: 1} == Object{a: 2}"));
    }

    @Test
    void patchesHaveTheFieldsThatPatchesHave() throws CelExpressionException {
        assertEquals(
                "[{\"op\":\"add\",\"path\":\"/a\",\"value\":{\"b\":[1]}}]",
                json("[JSONPatch{op: 'add', path: '/a', value: Object.a{b: [1]}}]"));
        assertTrue(refusal("JSONPatch{other: 1}").contains("undefined field 'other'"));
        assertTrue(refusal("JSONPatch{op: 1}").contains("expected type of field 'op' is 'string'"));
    }

    @Test
    void onlyTheseTypesAreKnownAndOnlyWhereObjectsAreMade() {
        assertTrue(refusal("Other{a: 1}").contains("undeclared reference to 'Other'"), refusal("Other{a: 1}"));
        assertTrue(refusal("Objection{a: 1}").contains("undeclared reference to 'Objection'"));
        assertTrue(String.valueOf(assertThrows(
                                CelExpressionException.class,
                                () -> CelEnvironment.standard().compile("Object{}", Set.of(CelResult.ANY)))
                        .getMessage())
                .contains("undeclared reference to 'Object'"));
    }

    @Test
    void makingThemCosts() throws CelExpressionException {
        CelExpression many = ENVIRONMENT.compile(
                "[1,2,3,4,5,6,7,8].map(a, [1,2,3,4,5,6,7,8].map(b, [1,2,3,4,5,6,7,8].map(c, [1,2,3,4,5,6,7,8].map(d,"
                        + " Object{a: a, b: b, c: c, d: d}))))",
                Set.of(CelResult.ANY));
        assertTrue(assertThrows(
                        CelExpressionException.class, () -> many.evaluate(Map.of(), CelBudget.of(100_000, 1_000_000)))
                .budgetExceeded());
    }
}
