package io.keelson.apiserver.crd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.resource.Column;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths to values, and the columns that are made with them. */
final class JsonPathTest {
    private static final JsonNode OBJECT = Json.parse("""
            {"kind": "Widget",
             "metadata": {"name": "w", "labels": {"example.com/part": "db", "a": "b"}},
             "spec": {"size": 3, "ratio": 1.5, "on": true, "nothing": null, "names": ["x", "y", "z"],
              "ports": [{"name": "http", "port": 80}, {"name": "https", "port": 443}, {"port": 1}]},
             "status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "Old", "status": "False"}]}}
            """);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                ".spec.size | [3]",
                "spec.size |",
                "$.spec.size | [3]",
                ".spec['size'] | [3]",
                ".metadata.labels.example\\.com/part | [\"db\"]",
                ".metadata.labels['example\\.com/part'] | [\"db\"]",
                ".spec.missing | []",
                ".spec.missing.deeper | []",
                ".spec.size.deeper | []",
                ".spec.names[0] | [\"x\"]",
                ".spec.names[-1] | [\"z\"]",
                ".spec.names[-1:] | [\"z\"]",
                ".spec.names[1:] | [\"y\",\"z\"]",
                ".spec.names[0:2] | [\"x\",\"y\"]",
                ".spec.names[0:3:2] | [\"x\",\"z\"]",
                ".spec.names[*] | [\"x\",\"y\",\"z\"]",
                ".spec.names[0,2] | [\"x\",\"z\"]",
                ".spec.names[3] |",
                ".spec.size[0] |",
                ".spec.ports[*].name | [\"http\",\"https\"]",
                ".spec.ports[?(@.name==\"https\")].port | [443]",
                ".spec.ports[?(@.name=='https')].port | [443]",
                ".spec.ports[?(@.port>80)].port | [443]",
                ".spec.ports[?(@.port >= 80)].name | [\"http\",\"https\"]",
                ".spec.ports[?(@.name)].port | [80,443]",
                ".spec.ports[?(@.port==\"80\")].name |",
                ".status.conditions[?(@.type==\"Ready\")].status | [\"True\"]",
                ".status.conditions[?(@.type!=\"Ready\")].type | [\"Old\"]",
                ".status.conditions[?(@.type==\"Gone\")].status | []",
                ".spec[?(@.a==1)] |",
                "..port | [80,443,1]",
                "..conditions[0].type | [\"Ready\"]",
                ".spec.nothing | [null]",
            })
    void pathsLeadToValues(String path, String expected) {
        List<JsonNode> found;
        try {
            found = JsonPath.parse(path).find(OBJECT);
        } catch (MalformedException e) {
            found = null;
        }
        assertEquals(expected, found == null ? null : Json.text(Json.array().addAll(found)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".a[",
                ".a[b]",
                ".a[?(@.b==1]",
                ".a[?(@.b",
                ".a[?(@.b==1)",
                "....a",
                ".a[0:1:0]",
                ".a[99999999999]",
                "range .a",
                "\"open",
                ".a{b}",
                "#",
                ".a\n"
            })
    void whatIsNoPathIsSaidToBeNone(String path) {
        assertThrows(MalformedException.class, () -> JsonPath.parse(path));
    }

    @Test
    void pathsThatMultiplyWhatTheyFindGiveUp() {
        ObjectNode deep = Json.object();
        ObjectNode place = deep;
        for (int i = 0; i < 200; i++) {
            place.putObject("b").put("c", i);
            place = place.putObject("a");
        }
        JsonPath path = JsonPath.parse("...*...*...*...*...*");
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> assertNull(path.find(deep)));
        assertThrows(MalformedException.class, () -> JsonPath.parse(".a".repeat(JsonPathParser.CHARS_MAX)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                ".spec.size | integer | 3",
                ".spec.ratio | integer | 1",
                ".spec.ratio | number | 1.5",
                ".spec.size | number | 3",
                ".spec.on | boolean | true",
                ".spec.size | boolean | null",
                ".spec.size | string | \"3\"",
                ".spec.ratio | string | \"1.5\"",
                ".spec.on | string | \"true\"",
                ".spec.nothing | string | <no value>",
                ".spec.names | string | \"[\\\"x\\\",\\\"y\\\",\\\"z\\\"]\"",
                ".spec.names[*] | string | \"x\"",
                ".metadata.name | date | <invalid>",
                ".spec.missing | string | null",
                ".spec.names[7] | string | null",
                "nonsense[ | string | null",
            })
    void cellsShowTheFirstValueInTheTypeOfTheColumn(String path, String type, String expected) {
        JsonNode columns = Json.array()
                .add(Json.object().put("name", "Column").put("type", type).put("jsonPath", path));
        Column column = PrinterColumns.of(columns).get(1);
        JsonNode cell = column.cell().of((ObjectNode) OBJECT, Instant.EPOCH);
        assertEquals(expected, expected.startsWith("<") ? cell.textValue() : Json.text(cell));
        assertEquals("Custom resource definition column (in JSONPath format): " + path, column.description());
    }
}
