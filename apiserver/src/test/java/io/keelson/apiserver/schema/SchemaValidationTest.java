package io.keelson.apiserver.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.validation.FieldError;
import io.keelson.apiserver.validation.FieldErrors;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemaValidationTest {
    private static JsonNode json(String json) {
        return Json.parse(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static Schema schema(String spec) {
        return StructuralSchema.read(
                json("{'type':'object','properties':{'spec':{'type':'object','properties':{'a':" + spec + "}}}}"));
    }

    private static List<String> texts(FieldErrors errors) {
        return errors.list().stream().map(FieldError::toString).toList();
    }

    private static List<String> wrong(String schema, String value) {
        FieldErrors errors = new FieldErrors();
        SchemaValidation.validate(json("{'spec':{'a':" + value + "}}"), schema(schema), errors);
        return texts(errors);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'type':'integer'} | 'x' | spec.a: Invalid value: \"string\": spec.a in body must be of type integer: \"string\"",
                "{'type':'string'} | 1 | spec.a: Invalid value: \"integer\": spec.a in body must be of type string: \"integer\"",
                "{'type':'string'} | null | spec.a: Invalid value: \"null\": spec.a in body must be of type string: \"null\"",
                "{'x-kubernetes-int-or-string':true} | true | spec.a: Invalid value: \"boolean\": spec.a in body must be of type integer,string: \"boolean\"",
                "{'type':'integer','minimum':1} | 0 | spec.a: Invalid value: 0: spec.a in body should be greater than or equal to 1",
                "{'type':'integer','minimum':1,'exclusiveMinimum':true} | 1 | spec.a: Invalid value: 1: spec.a in body should be greater than 1",
                "{'type':'number','maximum':1.5} | 2 | spec.a: Invalid value: 2: spec.a in body should be less than or equal to 1.5",
                "{'type':'number','maximum':10,'exclusiveMaximum':true} | 10.5 | spec.a: Invalid value: 10.5: spec.a in body should be less than 10",
                "{'type':'integer','multipleOf':5} | 7 | spec.a: Invalid value: 7: spec.a in body should be a multiple of 5",
                "{'type':'integer','format':'int32'} | 3000000000 | <nil>: Invalid value: \"\": Checked value must be of type integer with format int32 in spec.a",
                "{'type':'string','maxLength':2} | 'abc' | spec.a: Too long: may not be more than 2 bytes",
                "{'type':'string','minLength':2} | 'é' | spec.a: Invalid value: \"é\": spec.a in body should be at least 2 chars long",
                "{'type':'string','pattern':'^a+$'} | 'ab' | spec.a: Invalid value: \"ab\": spec.a in body should match '^a+$'",
                "{'type':'string','enum':['x','y']} | 'z' | spec.a: Unsupported value: \"z\": supported values: \"x\", \"y\"",
                "{'type':'integer','enum':[1,2]} | 3 | spec.a: Unsupported value: 3: supported values: \"1\", \"2\"",
                "{'type':'string','format':'ipv4'} | 'x' | spec.a: Invalid value: \"x\": spec.a in body must be of type ipv4: \"x\"",
                "{'type':'string','format':'date-time'} | 5 | spec.a: Invalid value: \"int64\": spec.a in body must be of type date-time: \"int64\"",
                "{'type':'array','maxItems':1,'items':{'type':'string'}} | ['a','b'] | spec.a: Too many: 2: must have at most 1 item",
                "{'type':'array','minItems':2,'items':{'type':'string'}} | ['a'] | spec.a: Invalid value: 1: spec.a in body should have at least 2 items",
                "{'type':'array','items':{'type':'string'}} | ['a',1] | spec.a[1]: Invalid value: \"integer\": spec.a[1] in body must be of type string: \"integer\"",
                "{'type':'object','maxProperties':1} | {'a':1,'b':2} | spec.a: Too many: 2: must have at most 1 item",
                "{'type':'object','minProperties':1} | {} | spec.a: Invalid value: 0: spec.a in body should have at least 1 properties",
                "{'type':'object','required':['b']} | {} | spec.a.b: Required value",
                "{'type':'object','additionalProperties':{'type':'string'}} | {'k':1} | spec.a.k: Invalid value: \"integer\": spec.a.k in body must be of type string: \"integer\"",
                "{'type':'string','not':{'enum':['x']}} | 'x' | <nil>: Invalid value: \"\": \"spec.a\" must not validate the schema (not)",
            })
    void namesWhatIsWrongAsTheOriginalDoes(String schema, String value, String error) {
        assertEquals(List.of(error), wrong(schema, value));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'type':'integer'} | 1.0",
                "{'type':'number'} | 1",
                "{'type':'string','nullable':true} | null",
                "{'x-kubernetes-int-or-string':true} | 1",
                "{'x-kubernetes-int-or-string':true} | '1'",
                "{'type':'number','multipleOf':0.1} | 0.3",
                "{'type':'string','format':'unknown'} | 'x'",
                "{'type':'integer','enum':[1]} | 1.0",
                "{'x-kubernetes-preserve-unknown-fields':true} | [1,{'a':2}]",
            })
    void takesWhatIsFine(String schema, String value) {
        assertEquals(List.of(), wrong(schema, value));
    }

    @Test
    void choosesAmongAlternatives() {
        String oneOf = "{'type':'object','properties':{'x':{'type':'string'},'y':{'type':'string'}},"
                + "'oneOf':[{'required':['x']},{'required':['y']}]}";
        assertEquals(List.of(), wrong(oneOf, "{'x':''}"));
        assertEquals(
                List.of(
                        "<nil>: Invalid value: \"\": \"spec.a\" must validate one and only one schema (oneOf). Found none valid",
                        "spec.a.x: Required value"),
                wrong(oneOf, "{}"));
        assertEquals(
                List.of(
                        "<nil>: Invalid value: \"\": \"spec.a\" must validate one and only one schema (oneOf). Found 2 valid"
                                + " alternatives"),
                wrong(oneOf, "{'x':'','y':''}"));
        String anyOf = "{'type':'integer','anyOf':[{'minimum':10},{'maximum':1}]}";
        assertEquals(List.of(), wrong(anyOf, "0"));
        assertEquals(
                "<nil>: Invalid value: \"\": \"spec.a\" must validate at least one schema (anyOf)",
                wrong(anyOf, "5").getFirst());
        String allOf = "{'type':'integer','allOf':[{'minimum':10},{'maximum':1}]}";
        assertEquals(
                List.of(
                        "spec.a: Invalid value: 5: spec.a in body should be greater than or equal to 10",
                        "spec.a: Invalid value: 5: spec.a in body should be less than or equal to 1",
                        "<nil>: Invalid value: \"\": \"spec.a\" must validate all the schemas (allOf). None validated"),
                wrong(allOf, "5"));
    }

    @Test
    void restrictsNames() {
        Schema schema = StructuralSchema.read(
                json(
                        "{'type':'object','properties':{'metadata':{'type':'object','properties':{'name':{'type':'string','maxLength':3}}}}}"));
        FieldErrors errors = new FieldErrors();
        SchemaValidation.validate(json("{'metadata':{'name':'long','labels':{'a':'b'}}}"), schema, errors);
        assertEquals(List.of("metadata.name: Too long: may not be more than 3 bytes"), texts(errors));
    }

    @Test
    void forgivesWhatWasWrongBeforeAndWasNotChanged() {
        Schema schema = StructuralSchema.read(json("{'type':'object','properties':{'a':{'type':'string','maxLength':1},"
                + "'b':{'type':'string','maxLength':1},'list':{'type':'array','x-kubernetes-list-type':'map',"
                + "'x-kubernetes-list-map-keys':['k'],'items':{'type':'object','properties':{'k':{'type':'string'},"
                + "'v':{'type':'integer','minimum':5}}}}}}"));
        FieldErrors errors = new FieldErrors();
        SchemaValidation.validateUpdate(
                json("{'a':'long','b':'longer','list':[{'k':'new','v':1},{'k':'x','v':2}]}"),
                json("{'a':'long','b':'long','list':[{'k':'x','v':2}]}"),
                schema,
                errors);
        assertEquals(
                List.of(
                        "b: Too long: may not be more than 1 bytes",
                        "list[0].v: Invalid value: 1: list[0].v in body should be greater than or equal to 5"),
                texts(errors));
    }

    @Test
    void matchesPatternsInLittleTime() {
        Schema schema = schema("{'type':'string','pattern':'^(a+)+$'}");
        JsonNode value = json("{'spec':{'a':'" + "a".repeat(50_000) + "b'}}");
        assertTimeout(Duration.ofSeconds(20), () -> {
            FieldErrors errors = new FieldErrors();
            SchemaValidation.validate(value, schema, errors);
            assertEquals(1, errors.list().size());
        });
    }

    @Test
    void collectsSoManyErrorsAndNoMore() {
        Schema schema = schema("{'type':'array','items':{'type':'string'}}");
        FieldErrors errors = new FieldErrors();
        SchemaValidation.validate(json("{'spec':{'a':[" + "1,".repeat(100_000) + "1]}}"), schema, errors);
        assertEquals(FieldErrors.ERRORS_MAX, errors.list().size());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "date | 2026-01-31 | 2026-02-30",
                "date-time | 2026-01-31T10:00:00Z | 2026-01-31",
                "datetime | 2026-01-31t10:00:00.5+01:00 | 2026-01-31T24:00:00Z",
                "duration | 1h30m | soon",
                "duration | 2 days | 2",
                "ipv4 | 10.0.0.1 | 10.0.0.256",
                "ipv4 | 010.0.0.1 | ::1",
                "ipv6 | fe80::1 | 10.0.0.1",
                "ipv6 | ::ffff:10.0.0.1 | 1:2:3:4:5:6:7",
                "ipv6 | 1:2:3:4:5:6:7:8 | 1::2::3",
                "cidr | 10.0.0.0/8 | 10.0.0.0/33",
                "cidr | fe80::/64 | fe80::",
                "mac | 00:1a:2b:3c:4d:5e | 00:1a:2b",
                "mac | 0000.1a2b.3c4d | 00-1a:2b-3c-4d-5e",
                "uuid | 123e4567-e89b-12d3-a456-426614174000 | 123e4567",
                "uuid4 | 123e4567-e89b-42d3-a456-426614174000 | 123e4567-e89b-12d3-a456-426614174000",
                "email | a@example.com | a@",
                "email | A B <a@example.com> | a",
                "hostname | example.com | -a",
                "uri | https://example.com/a?b=c | example",
                "uri | /a | a b",
                "byte | aGk= | a",
                "hexcolor | #fff | #ff",
                "rgbcolor | rgb(1,2,3) | rgb(1,2,300)",
                "ssn | 123-45-6789 | 12-345-6789",
                "creditcard | 4111 1111 1111 1111 | 4111 1111 1111 1112",
                "isbn | 0321751043 | 0321751044",
                "isbn13 | 978-0321751041 | 978-0321751042",
                "bsonobjectid | 507f1f77bcf86cd799439011 | 507f",
                "k8s-short-name | a-b | a.b",
                "k8s-long-name | a.b | A",
                "password | x | ",
            })
    void knowsFormats(String format, String fine, @Nullable String wrong) {
        assertTrue(Formats.matches(format, fine), fine);
        if (wrong != null) {
            assertFalse(Formats.matches(format, wrong), wrong);
        }
    }
}
