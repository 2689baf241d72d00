package io.keelson.apiserver.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlTest {
    private static String json(String yaml) {
        return Json.text(Yaml.parse(yaml.getBytes(StandardCharsets.UTF_8)));
    }

    private static String error(String yaml) {
        return assertThrows(MalformedException.class, () -> Yaml.parse(yaml.getBytes(StandardCharsets.UTF_8)))
                .message();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "yes | true",
                "y | true",
                "Y | true",
                "on | true",
                "True | true",
                "no | false",
                "n | false",
                "OFF | false",
                "yEs | \"yEs\"",
                "'yes' | \"yes\"",
                "\"no\" | \"no\"",
                "~ | null",
                "null | null",
                "Null | null",
                "'' | \"\"",
                "12 | 12",
                "+12 | 12",
                "-12 | -12",
                "1_000 | 1000",
                "0x1F | 31",
                "0o17 | 15",
                "017 | 15",
                "0755 | 493",
                "08 | 8",
                "0b101 | 5",
                "-0b101 | -5",
                "1.0 | 1",
                "1.5 | 1.5",
                "1e3 | 1000",
                ".5 | 0.5",
                "1. | 1",
                ". | \".\"",
                "1e400 | \"1e400\"",
                "18446744073709551615 | 18446744073709552000",
                "2026-01-31 | \"2026-01-31\"",
                "2026-01-31T10:00:00Z | \"2026-01-31T10:00:00Z\"",
                "190:20:30 | \"190:20:30\"",
                "1.2.3 | \"1.2.3\"",
                "!!str 12 | \"12\"",
                "!!int 12 | 12",
                "!!float 12 | 12",
                "! 12 | \"12\"",
                "!foo 12 | \"12\"",
                "!!binary aGk= | \"hi\""
            })
    void readsScalarsAsTheOriginalDoes(String yaml, String json) {
        assertEquals(json, json(yaml));
    }

    @Test
    void turnsKeysIntoText() {
        assertEquals("{\"1\":\"a\",\"true\":\"b\",\"1.5\":\"c\",\"x\":\"d\"}", json("1: a\nyes: b\n1.5: c\nx: d\n"));
        assertEquals("unsupported map key of type: %!s(<nil>), key: <nil>, value: <nil>", error("~: a"));
        assertTrue(error("? [a]\n: b").startsWith("yaml: invalid map key"));
    }

    @Test
    void takesNothingForNull() {
        assertEquals("null", json(""));
        assertEquals("null", json("# nothing\n"));
        assertEquals("null", json("---\n"));
    }

    @Test
    void readsOneDocumentOnly() {
        assertEquals("{\"a\":1}", json("---\na: 1\n...\n"));
        assertEquals("{\"a\":1}", json("a: 1\n---\n# nothing more\n"));
        assertEquals("yaml: expected a single document in the stream", error("a: 1\n---\nb: 2\n"));
    }

    @Test
    void followsAliasesAndMerges() {
        assertEquals("{\"a\":{\"x\":1},\"b\":{\"x\":1}}", json("a: &n {x: 1}\nb: *n\n"));
        assertEquals(
                "{\"base\":{\"x\":1,\"z\":2},\"m\":{\"x\":1,\"z\":3}}",
                json("base: &b {x: 1, z: 2}\nm:\n  <<: *b\n  z: 3\n"));
        assertEquals("{\"m\":{\"x\":1,\"z\":2}}", json("m:\n  <<: [{x: 1}, {x: 5, z: 2}]\n"));
        assertEquals("yaml: anchor 'a' value contains itself", error("&a [*a]"));
        assertEquals("yaml: unknown anchor 'a' referenced", error("[*a]"));
        assertEquals("yaml: map merge requires map or sequence of maps as the value", error("<<: 1\na: 2"));
    }

    @Test
    void doesNotShareWhatAliasesStandFor() {
        var tree = Yaml.parse("a: &n {x: 1}\nb: *n\n".getBytes(StandardCharsets.UTF_8));
        ((ObjectNode) tree.get("a")).put("x", 2);
        assertEquals(1, tree.at("/b/x").intValue());
    }

    @Test
    void refusesBombs() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 12; i++) {
            bomb.append("a").append(i).append(": &a").append(i).append(" [");
            bomb.append(("*a" + (i - 1) + ",").repeat(10)).append("]\n");
        }
        assertEquals("yaml: document contains excessive aliasing", error(bomb.toString()));
        String long1 = "a: &a " + "x".repeat(1_000_000) + "\nb: [" + "*a,".repeat(1_000) + "]\n";
        assertEquals("yaml: document contains excessive aliasing", error(long1));
        StringBuilder deep = new StringBuilder("a0: &a0 [x]\n");
        for (int i = 1; i < 600; i++) {
            deep.append("a")
                    .append(i)
                    .append(": &a")
                    .append(i)
                    .append(" [*a")
                    .append(i - 1)
                    .append("]\n");
        }
        assertTrue(error(deep.toString()).startsWith("yaml: "));
    }

    @Test
    void refusesWhatIsNestedTooDeeply() {
        assertEquals("yaml: exceeded max depth of 500", error("[".repeat(100_000)));
        assertEquals("yaml: exceeded max depth of 500", error("{a: ".repeat(10_000)));
        assertTrue(error("- ".repeat(10_000) + "a").startsWith("yaml: "));
    }

    @Test
    void saysWhereItIsNoYaml() {
        assertEquals("yaml: line 2: mapping values are not allowed in this context", error("a: b\nc: d: e\n"));
        assertEquals("yaml: line 2: found character that cannot start any token", error("a:\n\tb: c\n"));
        assertEquals("yaml: found unknown escape character", error("\"\\y\t\""));
        assertEquals("yaml: did not find expected hexdecimal number", error("\"\\u12\t\""));
        assertTrue(error("a: [1, 2").startsWith("yaml: "));
        assertTrue(error("a: \"x").startsWith("yaml: "));
        assertTrue(error("a: \0").startsWith("yaml: "));
        assertEquals("yaml: found invalid Unicode character escape code", error("\"\\u"));
        assertTrue(error("\"\\UFFFFFFFF\"").startsWith("yaml: "));
    }

    @Test
    void refusesNumbersThatJsonDoesNotHave() {
        assertEquals("json: unsupported value: +Inf", error("a: .inf"));
        assertEquals("json: unsupported value: NaN", error(".nan"));
    }

    @Test
    void tellsRepeatedKeys() {
        List<String> duplicates = new ArrayList<>();
        byte[] yaml = "a: 1\nb:\n  c: 1\n  c: 2\na: 3\n".getBytes(StandardCharsets.UTF_8);
        assertEquals("{\"a\":3,\"b\":{\"c\":2}}", Json.text(Yaml.parse(yaml, duplicates)));
        assertEquals(List.of("""
                        yaml: unmarshal errors:
                          line 4: key "c" already set in map
                          line 5: key "a" already set in map"""), duplicates);
    }

    @Test
    void readsJsonAsItIs() {
        assertEquals("{\"a\":[1,\"yes\",null]}", json("{\"a\": [1, \"yes\", null]}"));
        assertEquals("{\"a\":1}", json("{\"a\": 1.0}"));
        assertEquals("{\"a\":true}", json("{\"a\": yes}"));
    }

    @Test
    void writesInBlocksWithKeysInOrder() {
        String yaml = new String(
                Yaml.encode(Json.parse(
                        "{\"spec\":{\"list\":[{\"b\":1,\"a\":\"x\"},[1,2],\"yes\"],\"text\":\"a\\nb\\n\",\"empty\":{},\"no\":[]},"
                                + "\"a\":null}")),
                StandardCharsets.UTF_8);
        assertEquals("""
                a: null
                spec:
                  empty: {}
                  list:
                  - a: x
                    b: 1
                  - - 1
                    - 2
                  - 'yes'
                  'no': []
                  text: |
                    a
                    b
                """, yaml);
    }
}
