package io.keelson.apiserver.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTest {
    private static String error(String json) {
        return assertThrows(MalformedException.class, () -> Json.parse(json)).message();
    }

    private static String roundTrip(String json) {
        return Json.text(Json.parse(json));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | unexpected end of JSON input",
                "{\"a\": | unexpected end of JSON input",
                "\"abc | unexpected end of JSON input",
                "{,} | invalid character ',' looking for beginning of object key string",
                "{\"a\" 1} | invalid character '1' after object key",
                "{\"a\":1 \"b\":2} | invalid character '\"' after object key:value pair",
                "{\"a\":1,} | invalid character '}' looking for beginning of object key string",
                "[1,] | invalid character ']' looking for beginning of value",
                "[1 2] | invalid character '2' after array element",
                "tru3 | invalid character '3' in literal true (expecting 'e')",
                "nil | invalid character 'i' in literal null (expecting 'u')",
                "01 | invalid character '1' after top-level value",
                "-x | invalid character 'x' in numeric literal",
                "1.x | invalid character 'x' after decimal point in numeric literal",
                "1ex | invalid character 'x' in exponent of numeric literal",
                "\"\\x\" | invalid character 'x' in string escape code",
                "\"\\u12g4\" | invalid character 'g' in \\u hexadecimal character escape",
                "{} {} | invalid character '{' after top-level value",
                "'a' | invalid character '\\'' looking for beginning of value",
                "NaN | invalid character 'N' looking for beginning of value",
                "1e400 | json: cannot unmarshal number 1e400 into Go value of type float64",
            })
    void namesWhatIsWrongAsTheOriginalDoes(String json, String error) {
        assertEquals(error, error(json));
    }

    @Test
    void refusesControlCharactersInText() {
        assertEquals("invalid character '\\n' in string literal", error("\"a\nb\""));
        assertEquals("invalid character '\\x00' in string literal", error("\"a\0b\""));
        assertEquals("invalid character '\\x00' looking for beginning of value", error("\0"));
    }

    @Test
    void keepsWholeNumbersWholeAndTakesOthersAsDoubles() {
        assertTrue(Json.parse("9223372036854775807").isLong());
        assertEquals(Long.MIN_VALUE, Json.parse("-9223372036854775808").longValue());
        assertTrue(Json.parse("9223372036854775808").isDouble());
        assertTrue(Json.parse("1.0").isDouble());
        assertEquals(0, Json.parse("-0").longValue());
    }

    @ParameterizedTest
    @CsvSource({
        "1.0,1",
        "1.5,1.5",
        "1e3,1000",
        "1e20,100000000000000000000",
        "1e21,1e+21",
        "-1e21,-1e+21",
        "1.25e-6,0.00000125",
        "1e-7,1e-7",
        "1.5e-10,1.5e-10",
        "123456789012345678901,123456789012345680000",
        "0.1,0.1",
        "-0.0,-0"
    })
    void writesNumbersAsTheOriginalDoes(String json, String written) {
        assertEquals(written, roundTrip(json));
    }

    @Test
    void escapesWhatHtmlWouldRead() {
        assertEquals("\"\\u003ca\\u003e \\u0026 \\u2028\"", Json.text(Json.parse("\"<a> & \\u2028\"")));
        assertEquals("\"\\t\\n\\r\\b\\f\\\"\\\\\\u0001/\"", roundTrip("\"\\t\\n\\r\\b\\f\\\"\\\\\\u0001\\/\""));
    }

    @Test
    void replacesHalvesOfPairsAndBytesThatAreNoText() {
        assertEquals("\uFFFD", Json.parse("\"\\ud800\"").textValue());
        assertEquals("\uFFFDA", Json.parse("\"\\ud800\\u0041\"").textValue());
        assertEquals("\uFFFD", Json.parse("\"\\udc00\"").textValue());
        assertEquals("\uD83D\uDE00", Json.parse("\"\\ud83d\\ude00\"").textValue());
        byte[] wrong = {'"', (byte) 0xff, 'a', '"'};
        assertEquals("\uFFFDa", Json.parse(wrong).textValue());
        assertEquals("\"\uFFFD\"", Json.text(Json.object().textNode("\ud800")));
    }

    @Test
    void tellsRepeatedFieldsWithTheirPaths() {
        List<String> duplicates = new ArrayList<>();
        JsonNode object = Json.parseObject(
                "{\"a\":1,\"spec\":{\"x\":1,\"x\":2,\"list\":[{\"y\":1},{\"y\":1,\"y\":2}]},\"a\":3,\"a\":4}"
                        .getBytes(StandardCharsets.UTF_8),
                duplicates);
        assertEquals(
                List.of("duplicate field \"spec.x\"", "duplicate field \"spec.list[1].y\"", "duplicate field \"a\""),
                duplicates);
        assertEquals(4, object.get("a").intValue());
        assertEquals(2, object.at("/spec/x").intValue());
    }

    @Test
    void tellsAHundredRepeatedFieldsAtMost() {
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; i < 1_000; i++) {
            json.append("\"f").append(i).append("\":1,\"f").append(i).append("\":2,");
        }
        json.setCharAt(json.length() - 1, '}');
        List<String> duplicates = new ArrayList<>();
        Json.parse(json.toString().getBytes(StandardCharsets.UTF_8), duplicates);
        assertEquals(Json.FIELD_ERRORS_MAX, duplicates.size());
    }

    @Test
    void refusesWhatIsNestedTooDeeply() {
        assertEquals(Json.DEPTH_MAX, depth(Json.parse("[".repeat(Json.DEPTH_MAX) + "]".repeat(Json.DEPTH_MAX))));
        assertEquals("exceeded max depth", error("[".repeat(1_000_000)));
        assertEquals("exceeded max depth", error("{\"a\":".repeat(1_000_000)));
    }

    private static int depth(JsonNode node) {
        int depth = 0;
        for (JsonNode at = node; at != null; at = at.get(0)) {
            depth++;
        }
        return depth;
    }

    @Test
    void readsNumbersOfManyDigitsInLittleTime() {
        String digits = "9".repeat(1_000_000);
        assertTrue(error(digits).startsWith("json: cannot unmarshal number 9999"));
        assertEquals(0.0, Json.parse("0." + "0".repeat(1_000_000) + "1").doubleValue());
    }

    @Test
    void wantsAnObjectWhereOneIsWanted() {
        MalformedException thrown =
                assertThrows(MalformedException.class, () -> Json.parseObject("[]".getBytes(StandardCharsets.UTF_8)));
        assertEquals("json: cannot unmarshal array into Go value of type map[string]interface {}", thrown.message());
    }

    @Test
    void indentsForPeople() {
        assertEquals(
                "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}",
                new String(Json.encodePretty(Json.parse("{\"a\":[1,{}],\"b\":[]}")), StandardCharsets.UTF_8));
    }
}
