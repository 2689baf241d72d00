package io.keelson.apiserver.cel.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.schema.StructuralSchema;
import io.keelson.apiserver.validation.FieldErrors;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ObjectRulesTest {
    private static final String SCHEMA = """
            {"type":"object","x-kubernetes-validations":[
               {"rule":"self.metadata.name.startsWith('a')","message":"  must begin with a "}],
             "properties":{"spec":{"type":"object",
               "x-kubernetes-validations":[
                 {"rule":"self.min <= self.max"},
                 {"rule":"self.max == oldSelf.max","message":"max stays","reason":"FieldValueForbidden","fieldPath":".max"},
                 {"rule":"self.max < 100","messageExpression":"'max is ' + string(self.max)","fieldPath":".max"}],
               "properties":{
                 "min":{"type":"integer"},"max":{"type":"integer"},
                 "name":{"type":"string","x-kubernetes-validations":[
                   {"rule":"!oldSelf.hasValue() || oldSelf.value() == self","optionalOldSelf":true}]},
                 "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
                   "items":{"type":"object","properties":{"name":{"type":"string"},"port":{"type":"integer"}},
                     "x-kubernetes-validations":[{"rule":"self.port >= oldSelf.port"},{"rule":"self.port != 13"}]}},
                 "tags":{"type":"array","items":{"type":"string",
                     "x-kubernetes-validations":[{"rule":"self != 'bad'"}]}},
                 "labels":{"type":"object","additionalProperties":{"type":"string",
                     "x-kubernetes-validations":[{"rule":"self.size() < 4"}]}}}}}}""";

    private static List<String> broken(String spec) {
        return broken(spec, null);
    }

    private static List<String> broken(String spec, @Nullable String old) {
        return errors(spec, old).list().stream().map(Object::toString).toList();
    }

    private static FieldErrors errors(String spec, @Nullable String old) {
        ObjectRules rules = ObjectRules.of(StructuralSchema.read(Json.parse(SCHEMA)));
        assertNotNull(rules);
        FieldErrors errors = new FieldErrors();
        if (old == null) {
            rules.validate(object(spec), errors);
        } else {
            rules.validateChanged(object(spec), object(old), errors);
        }
        return errors;
    }

    private static JsonNode object(String spec) {
        return Json.parse("{\"metadata\":{\"name\":\"abc\"},\"spec\":" + spec + "}");
    }

    @Test
    void aSchemaWithoutRulesHasNone() {
        assertNull(ObjectRules.of(StructuralSchema.read(Json.parse("{\"type\":\"object\"}"))));
    }

    @Test
    void saysWhichRuleIsBrokenAndWhere() {
        assertEquals(List.of(), broken("{\"min\":1,\"max\":2}"));
        assertEquals(
                List.of("spec: Invalid value: \"object\": failed rule: self.min <= self.max"),
                broken("{\"min\":3,\"max\":2}"));
        assertEquals(List.of("spec.max: Invalid value: \"object\": max is 200"), broken("{\"min\":3,\"max\":200}"));
        assertEquals(
                List.of(
                        "spec.ports[1]: Invalid value: \"object\": failed rule: self.port != 13",
                        "spec.tags[0]: Invalid value: \"string\": failed rule: self != 'bad'",
                        "spec.labels[x]: Invalid value: \"string\": failed rule: self.size() < 4"),
                broken("""
                        {"min":1,"max":2,"ports":[{"name":"a","port":12},{"name":"b","port":13}],"tags":["bad"],
                         "labels":{"x":"12345"}}"""));
        assertEquals(
                List.of("spec: Invalid value: \"object\": no such key: min evaluating rule: self.min <= self.max"),
                broken("{\"max\":2}"));
    }

    @Test
    void usesTheMessageInWords() {
        FieldErrors errors = new FieldErrors();
        ObjectRules rules = ObjectRules.of(StructuralSchema.read(Json.parse(SCHEMA)));
        assertNotNull(rules);
        rules.validate(Json.parse("{\"metadata\":{\"name\":\"b\"}}"), errors);
        assertEquals(
                "<nil>: Invalid value: \"object\": must begin with a",
                errors.list().getFirst().toString());
    }

    @Test
    void comparesWithWhatWasThere() {
        String old =
                "{\"min\":1,\"max\":2,\"name\":\"n\",\"ports\":[{\"name\":\"a\",\"port\":12},{\"name\":\"b\",\"port\":5}]}";
        assertEquals(List.of("spec.max: Forbidden: max stays"), broken(old.replace("\"max\":2", "\"max\":3"), old));
        assertEquals(
                List.of("spec.name: Invalid value: \"string\": failed rule: !oldSelf.hasValue() || oldSelf.value() =="
                        + " self"),
                broken(old.replace("\"n\"", "\"m\""), old));
        // An element is the one with the same keys, wherever it stands now
        assertEquals(
                List.of("spec.ports[0]: Invalid value: \"object\": failed rule: self.port >= oldSelf.port"),
                broken(
                        "{\"min\":1,\"max\":2,\"ports\":[{\"name\":\"b\",\"port\":4},{\"name\":\"a\",\"port\":12}]}",
                        old));
    }

    @Test
    void passesOverWhatWasBrokenBefore() {
        String old = "{\"min\":1,\"max\":2,\"tags\":[\"bad\"],\"labels\":{\"x\":\"12345\"}}";
        assertEquals(List.of(), broken(old.replace("\"min\":1", "\"min\":0"), old));
        assertEquals(
                List.of("spec.tags[1]: Invalid value: \"string\": failed rule: self != 'bad'"),
                broken(old.replace("[\"bad\"]", "[\"good\",\"bad\"]"), old));
        assertTrue(broken("{\"min\":3,\"max\":2,\"tags\":[]}", "{\"min\":3,\"max\":2}")
                .getFirst()
                .contains("failed rule"));
    }

    @Test
    void warnsOfWhatItLetsPass() {
        String old = "{\"min\":3,\"max\":200,\"tags\":[\"bad\"],\"name\":\"n\"}";
        assertEquals(
                List.of(
                        "spec: Invalid value: \"object\": failed rule: self.min <= self.max",
                        "spec.tags[0]: Invalid value: \"string\": failed rule: self != 'bad'"),
                errors("{\"min\":3,\"max\":2,\"tags\":[\"bad\"]}", "{\"min\":3,\"max\":2,\"tags\":[\"bad\"]}")
                        .pardoned());
        // What changed is an error as before; what the change did not touch is a warning.
        FieldErrors mixed = errors(old.replace("\"min\":3", "\"min\":300"), old);
        assertEquals(
                List.of(
                        "spec: Invalid value: \"object\": failed rule: self.min <= self.max",
                        "spec.max: Invalid value: \"object\": max is 200"),
                mixed.list().stream().map(Object::toString).toList());
        assertEquals(List.of("spec.tags[0]: Invalid value: \"string\": failed rule: self != 'bad'"), mixed.pardoned());
    }

    @Test
    void textsOfAWrongFormatAreErrors() {
        ObjectRules rules = ObjectRules.of(StructuralSchema.read(Json.parse("""
                {"type":"object","properties":{"t":{"type":"string","format":"date-time","x-kubernetes-validations":[
                  {"rule":"self < timestamp('2030-01-01T00:00:00Z')"}]}}}""")));
        assertNotNull(rules);
        FieldErrors errors = new FieldErrors();
        rules.validate(Json.parse("{\"t\":\"2024-01-01T00:00:00Z\"}"), errors);
        assertEquals(0, errors.count());
        rules.validate(Json.parse("{\"t\":\"yesterday\"}"), errors);
        assertTrue(errors.list().getFirst().body().contains("Invalid date-time formatted string yesterday"));
    }

    @Test
    void stopsWhenTheRulesOfAnObjectCostTooMuch() {
        ObjectRules rules = ObjectRules.of(StructuralSchema.read(Json.parse("""
                {"type":"object","properties":{"spec":{"type":"object","properties":{
                  "all":{"type":"array","items":{"type":"array","items":{"type":"integer"},"x-kubernetes-validations":[
                    {"rule":"self.all(a, self.all(b, a + b >= 0))"}]}}}}}}""")));
        assertNotNull(rules);
        var object = Json.object();
        var lists = object.putObject("spec").putArray("all");
        for (int i = 0; i < 50; i++) {
            var list = lists.addArray();
            for (int k = 0; k < 220; k++) {
                list.add(k);
            }
        }
        FieldErrors errors = new FieldErrors();
        long start = System.nanoTime();
        rules.validate(object, errors);
        long millis = (System.nanoTime() - start) / 1_000_000;
        assertEquals(1, errors.count());
        assertTrue(
                errors.list().getFirst().body().contains("running out of cost budget"),
                errors.list().toString());
        assertTrue(millis < 120_000, millis + " ms");
    }
}
