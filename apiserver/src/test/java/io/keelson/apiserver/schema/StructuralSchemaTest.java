package io.keelson.apiserver.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.validation.FieldError;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StructuralSchemaTest {
    private static JsonNode json(String json) {
        return Json.parse(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> wrong(String schema) {
        FieldErrors errors = new FieldErrors();
        StructuralSchema.validate(json(schema), FieldPath.of("s"), errors);
        return errors.list().stream().map(FieldError::toString).toList();
    }

    private static Schema schema(String properties) {
        return StructuralSchema.read(json("{'type':'object','properties':" + properties + "}"));
    }

    @Test
    void takesWhatIsStructural() {
        assertEquals(
                List.of(),
                wrong("{'type':'object','properties':{'spec':{'type':'object','required':['a'],'properties':{"
                        + "'a':{'type':'string','pattern':'^[a-z]+$','default':'x'},"
                        + "'b':{'x-kubernetes-int-or-string':true,'anyOf':[{'type':'integer'},{'type':'string'}]},"
                        + "'c':{'type':'array','items':{'type':'object','required':['k'],'properties':{'k':{'type':'string'}}},"
                        + "'x-kubernetes-list-type':'map','x-kubernetes-list-map-keys':['k']},"
                        + "'d':{'x-kubernetes-preserve-unknown-fields':true},"
                        + "'e':{'type':'object','additionalProperties':{'type':'string'}},"
                        + "'f':{'type':'object','x-kubernetes-embedded-resource':true,'x-kubernetes-preserve-unknown-fields':true}"
                        + "},'oneOf':[{'required':['a']},{'required':['b']}]},"
                        + "'metadata':{'type':'object','properties':{'name':{'type':'string','maxLength':10}}}}}"));
    }

    /** Those without hyphens are the same; numbers have formats of their own, and anything else has none. */
    @Test
    void formatsOfTextThatNobodyKnowsAreFoundWhereverTheyStand() {
        assertEquals(
                List.of("i", "v", "n", "p", "all", "any", "one", "any"),
                StructuralSchema.unrecognizedFormats(json("{'type':'object',"
                        + "'items':{'type':'string','format':'i'},"
                        + "'additionalProperties':{'type':'array','items':{'type':'string','format':'v'}},"
                        + "'not':{'type':'string','format':'n'},"
                        + "'properties':{'format':{'type':'string','format':'p'},'t':{'type':'string','format':''},"
                        + "'a':{'type':'string','format':'date-time'},'b':{'type':'string','format':'dat-etime'},"
                        + "'c':{'type':'string','format':'quantity'},'d':{'type':'string','format':'k8s-short-name'},"
                        + "'e':{'type':'integer','format':'int32'},'f':{'type':'number','format':'decimal'},"
                        + "'g':{'format':'untyped'},'h':{'type':'object','additionalProperties':true}},"
                        + "'allOf':[{'type':'string','format':'all'}],"
                        + "'anyOf':[{'type':'string','format':'any'}],"
                        + "'oneOf':[{'type':'string','format':'one'},{'type':'string','format':'any'}]}")));
        assertEquals(List.of(), StructuralSchema.unrecognizedFormats(json("'no schema'")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{} | s.type: Required value: must not be empty at the root",
                "{'type':'string'} | s.type: Invalid value: \"string\": must be object at the root",
                "{'type':'object','additionalProperties':true} | s.additionalProperties: Forbidden: must not be used at the root",
                "{'type':'object','properties':{'a':{}}} | s.properties[a].type: Required value: must not be empty for specified object fields",
                "{'type':'object','properties':{'a':{'type':'array'}}} | s.properties[a].items: Required value: must be specified",
                "{'type':'object','properties':{'a':{'type':'array','items':{}}}} | s.properties[a].items.type: Required value: must not be empty for specified array items",
                "{'type':'object','properties':{'a':{'type':'object','x-kubernetes-embedded-resource':true}}} | s.properties[a].properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields",
                "{'type':'object','properties':{'kind':{'type':'integer'}}} | s.properties[kind].type: Invalid value: \"integer\": must be string",
                "{'type':'object','properties':{'metadata':{'type':'object','properties':{'labels':{'type':'object'}}}}} | s.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified",
                "{'type':'object','properties':{'a':{'type':'string','anyOf':[{'type':'string'}]}}} | s.properties[a].anyOf[0].type: Forbidden: must be empty to be structural",
                "{'type':'object','properties':{'a':{'type':'string','not':{'default':1}}}} | s.properties[a].not.default: Forbidden: must be undefined to be structural",
                "{'type':'object','allOf':[{'properties':{'a':{'minimum':1}}}]} | s.properties[a]: Required value: because it is defined in s.allOf[0].properties[a]",
                "{'type':'object','properties':{'a':{'type':'string','default':1}}} | s.properties[a].default: Invalid value: \"integer\":  in body must be of type string: \"integer\"",
                "{'type':'object','properties':{'a':{'type':'object','default':{'x':1}}}} | s.properties[a].default: Invalid value: {\"x\":1}: must not have unknown fields",
                "{'type':'object','properties':{'a':{'type':'array','uniqueItems':true,'items':{'type':'string'}}}} | s.properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
                "{'type':'object','properties':{'a':{'type':'object','x-kubernetes-list-type':'set'}}} | s.properties[a].type: Invalid value: \"object\": must be array if x-kubernetes-list-type is specified",
                "{'type':'object','properties':{'a':{'type':'array','items':{'type':'string'},'x-kubernetes-list-map-keys':['k']}}} | s.properties[a].x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty",
                "{'type':'object','properties':{'a':{'type':'any'}}} | s.properties[a].type: Unsupported value: \"any\": supported values: \"array\", \"boolean\", \"integer\", \"number\", \"object\", \"string\"",
                "{'type':'object','$ref':'#/x'} | s.$ref: Forbidden: $ref is not supported",
                "{'type':'object','x-kubernetes-validations':[{'rule':' '}]} | s.x-kubernetes-validations[0].rule: Required value: rule is not specified",
            })
    void refusesWhatIsNot(String schema, String error) {
        assertEquals(List.of(error), wrong(schema));
    }

    @Test
    void refusesPatternsThatAreNone() {
        List<String> wrong = wrong("{'type':'object','properties':{'a':{'type':'string','pattern':'('}}}");
        assertEquals(1, wrong.size());
        assertTrue(
                wrong.getFirst()
                        .startsWith("s.properties[a].pattern: Invalid value: \"(\": must be a valid regular"
                                + " expression, but isn't: error parsing regexp: missing closing )"),
                wrong.getFirst());
    }

    @Test
    void knowsWhatAllObjectsHave() {
        Schema schema = schema("{'spec':{'type':'object'}}");
        ObjectNode object = (ObjectNode)
                json(
                        "{'apiVersion':'a/v1','kind':'A','metadata':{'name':'a','labels':{'x':'y'},'no':1},'spec':{'no':1},'no':1}");
        assertEquals(
                List.of("unknown field \"metadata.no\"", "unknown field \"spec.no\"", "unknown field \"no\""),
                UnknownFields.find(object, schema));
        Pruning.prune(object, schema);
        assertEquals(
                "{'apiVersion':'a/v1','kind':'A','metadata':{'name':'a','labels':{'x':'y'}},'spec':{}}",
                Json.text(object).replace('"', '\''));
    }

    @Test
    void prunesAroundWhatIsPreserved() {
        Schema schema = schema("{'free':{'type':'object','x-kubernetes-preserve-unknown-fields':true,'properties':"
                + "{'strict':{'type':'object','properties':{'a':{'type':'string'}}}}},"
                + "'map':{'type':'object','additionalProperties':{'type':'object','properties':{'a':{'type':'string'}}}},"
                + "'list':{'type':'array','items':{'type':'object','properties':{'a':{'type':'string'}}}},"
                + "'any':{'type':'object','additionalProperties':true}}");
        ObjectNode object =
                (ObjectNode) json("{'free':{'x':{'y':1},'strict':{'a':'','b':1}},'map':{'k':{'a':'','b':1}},"
                        + "'list':[{'a':'','b':1},{'b':2}],'any':{'k':1,'l':{'m':2}}}");
        Pruning.prune(object, schema);
        assertEquals(
                "{'free':{'x':{'y':1},'strict':{'a':''}},'map':{'k':{'a':''}},'list':[{'a':''},{}],'any':{'k':1,'l':{}}}",
                Json.text(object).replace('"', '\''));
    }

    @Test
    void fillsInDefaultsAndDropsNulls() {
        Schema schema = schema(
                "{'spec':{'type':'object','default':{},'properties':{'a':{'type':'string','default':'x'},"
                        + "'n':{'type':'string','nullable':true,'default':'y'},'o':{'type':'string'},"
                        + "'list':{'type':'array','items':{'type':'object','properties':{'b':{'type':'integer','default':0}}}}}}}");
        ObjectNode object = (ObjectNode) json("{'spec':{'a':null,'n':null,'o':null,'list':[{},{'b':1}]}}");
        Defaulting.dropNulls(object, schema);
        Defaulting.apply(object, schema);
        assertEquals(
                "{'spec':{'a':'x','n':null,'list':[{'b':0},{'b':1}]}}",
                Json.text(object).replace('"', '\''));
        ObjectNode empty = Json.object();
        Defaulting.apply(empty, schema);
        assertEquals("{'spec':{'a':'x','n':'y'}}", Json.text(empty).replace('"', '\''));
    }

    @Test
    void tellsRepeatedElementsOfSetsAndLists() {
        Schema schema = schema("{'set':{'type':'array','x-kubernetes-list-type':'set','items':{'type':'string'}},"
                + "'map':{'type':'array','x-kubernetes-list-type':'map','x-kubernetes-list-map-keys':['k','l'],"
                + "'items':{'type':'object','properties':{'k':{'type':'string'},'l':{'type':'string'}}}}}");
        FieldErrors errors = new FieldErrors();
        ListTypes.validate(
                json("{'set':['a','b','a','a'],'map':[{'k':'a','l':'b'},{'k':'a'},{'k':'a','l':'b','v':1},{'k':'a'}]}"),
                schema,
                errors);
        assertEquals(
                List.of(
                        "set[2]: Duplicate value: \"a\"",
                        "map[2]: Duplicate value: {\"k\":\"a\",\"l\":\"b\"}",
                        "map[3]: Duplicate value: {\"k\":\"a\"}"),
                errors.list().stream().map(FieldError::toString).toList());
    }
}
