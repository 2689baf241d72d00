package io.keelson.apiserver.patch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MergePatchTest {
    private static byte[] bytes(String json) {
        return json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest(name = "{0} + {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // RFC 7386, appendix A, of objects
                "{'a':'b'} | {'a':'c'} | {'a':'c'}",
                "{'a':'b'} | {'b':'c'} | {'a':'b','b':'c'}",
                "{'a':'b'} | {'a':null} | {}",
                "{'a':'b','b':'c'} | {'a':null} | {'b':'c'}",
                "{'a':['b']} | {'a':'c'} | {'a':'c'}",
                "{'a':'c'} | {'a':['b']} | {'a':['b']}",
                "{'a':{'b':'c'}} | {'a':{'b':'d','c':null}} | {'a':{'b':'d'}}",
                "{'a':[{'b':'c'}]} | {'a':[1]} | {'a':[1]}",
                "{'e':null} | {'a':1} | {'e':null,'a':1}",
                "{} | {'a':{'bb':{'ccc':null}}} | {'a':{'bb':{}}}",
                // lists are taken as they are, but for fields that are null in objects inside of them
                "{} | {'a':[null,{'b':null,'c':1}]} | {'a':[null,{'c':1}]}",
                "{'a':null} | {'a':{'b':null}} | {'a':{}}",
            })
    void merges(String object, String patch, String expected) {
        ObjectNode before = Json.parseObject(bytes(object));
        ObjectNode copy = before.deepCopy();
        assertEquals(Json.parse(bytes(expected)), MergePatch.parse(bytes(patch)).apply(before));
        assertEquals(copy, before);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[] | error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
                "'x' | error decoding patch: json: cannot unmarshal string into Go value of type map[string]interface {}",
                "{ | error decoding patch: unexpected end of JSON input",
            })
    void refusesWhatIsNoObject(String patch, String message) {
        ApiException failure = assertThrows(ApiException.class, () -> MergePatch.parse(bytes(patch)));
        assertEquals(400, failure.code());
        assertEquals(message, failure.message());
    }

    @Test
    void tellsRepeatedFields() {
        assertEquals(
                List.of("duplicate field \"spec.a\""),
                MergePatch.parse(bytes("{'spec':{'a':1,'a':2}}")).duplicates());
    }
}
