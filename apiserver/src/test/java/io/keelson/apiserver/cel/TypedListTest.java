package io.keelson.apiserver.cel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.schema.StructuralSchema;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Lists that are sets, or whose elements have keys. */
class TypedListTest {
    private static final Schema SCHEMA = StructuralSchema.read(Json.parse("""
            {"type":"object","properties":{
              "set":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
              "plain":{"type":"array","items":{"type":"string"}},
              "doubles":{"type":"array","items":{"type":"number"}},
              "keyed":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
                "items":{"type":"object","properties":{"name":{"type":"string"},"v":{"type":"integer"}}}}}}"""));

    private static boolean test(String text, String self, String other) throws CelExpressionException {
        return CelEnvironment.standard()
                .with("self", "self", SCHEMA)
                .with("other", "self", SCHEMA)
                .compile(text, Set.of(CelResult.BOOL))
                .test(
                        Map.of(
                                "self", CelValues.of(Json.parse(self), SCHEMA),
                                "other", CelValues.of(Json.parse(other), SCHEMA)),
                        CelBudget.ofObject());
    }

    @Test
    void setsAreEqualInAnyOrder() throws CelExpressionException {
        String one = "{\"set\":[\"a\",\"b\"],\"plain\":[\"a\",\"b\"]}";
        String other = "{\"set\":[\"b\",\"a\"],\"plain\":[\"b\",\"a\"]}";
        assertTrue(test("self.set == other.set", one, other));
        assertFalse(test("self.set != other.set", one, other));
        assertFalse(test("self.plain == other.plain", one, other));
        assertFalse(test("self.set == ['a', 'c']", one, other));
        assertTrue(test("self.set + ['b', 'c'] == ['a', 'b', 'c']", one, other));
        assertTrue(test("self.plain + ['b', 'c'] == ['a', 'b', 'b', 'c']", one, other));
    }

    @Test
    void keyedListsAreEqualInAnyOrder() throws CelExpressionException {
        String one = "{\"keyed\":[{\"name\":\"a\",\"v\":1},{\"name\":\"b\",\"v\":2}]}";
        String other = "{\"keyed\":[{\"name\":\"b\",\"v\":2},{\"name\":\"a\",\"v\":1}]}";
        assertTrue(test("self.keyed == other.keyed", one, other));
        assertFalse(test("self.keyed == other.keyed", one, other.replace("\"v\":2", "\"v\":3")));
        assertTrue(test("(self.keyed + other.keyed).size() == 2", one, other));
        assertTrue(test(
                "(self.keyed + other.keyed).all(e, e.v == (e.name == 'a' ? 1 : 3))",
                one,
                other.replace("\"v\":2", "\"v\":3")));
    }

    @Test
    void sumsOfNothingAreOfTheTypeOfTheElements() throws CelExpressionException {
        assertTrue(test("self.doubles.sum() + 1.5 == 1.5", "{\"doubles\":[]}", "{}"));
        assertEquals(true, test("self.doubles.sum() == 3.5", "{\"doubles\":[1,2.5]}", "{}"));
    }
}
