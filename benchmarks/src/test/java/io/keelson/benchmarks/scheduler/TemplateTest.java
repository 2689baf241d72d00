package io.keelson.benchmarks.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TemplateTest {
    private static Template template(String text) {
        return Template.of("t.yaml", text.getBytes(StandardCharsets.UTF_8));
    }

    private static String refused(String text) {
        return String.valueOf(assertThrows(
                        IllegalArgumentException.class, () -> template(text).object(0, 1, Map.of()))
                .getMessage());
    }

    @Test
    void whatVariesIsFilledInForEachObject() {
        Template template =
                template("name: gang-{{div .Index .size}}\nplace: {{ mod .Index 3 }}\nof: {{.Count}}\nby: {{.who}}");
        assertTrue(template.varies());
        assertEquals(
                "{\"name\":\"gang-2\",\"place\":1,\"of\":9,\"by\":\"me\"}",
                template.object(7, 9, Map.of("size", "3", "who", "me")).toString());
    }

    @Test
    void whatDoesNotVaryIsReadAsItIs() {
        assertFalse(template("name: a").varies());
        assertEquals(
                "{\"name\":\"a\"}", template("name: a").object(5, 9, Map.of()).toString());
    }

    @Test
    void whatIsFilledInIsNoTemplateAgain() {
        assertEquals(
                "{\"name\":\"{{.Index}}$1\\\\\"}",
                template("name: '{{.who}}'")
                        .object(0, 1, Map.of("who", "{{.Index}}$1\\"))
                        .toString());
    }

    @Test
    void whatIsNotKnownIsRefusedBeforeItIsUsed() {
        assertTrue(refused("name: {{ printf \"%s\" .Index }}").contains("is not known here; there are {{.Index}}"));
        assertTrue(refused("name: {{}}").contains("is not known here"));
        assertTrue(refused("name: {{if .Index}}").contains("is not known here"));
        assertTrue(refused("name: {{.nobody}}").contains("there is no value for {{.nobody}}"));
        assertTrue(refused("name: {{div 1 0}}").contains("divides by 0"));
        assertTrue(refused("- a list").contains("t.yaml: "));
        assertTrue(refused("name: [").contains("t.yaml: yaml:"));
        assertTrue(String.valueOf(assertThrows(
                                IllegalArgumentException.class,
                                () -> template("n: {{div .a 2}}").object(0, 1, Map.of("a", "many")))
                        .getMessage())
                .contains("'many' is no whole number"));
    }

    @Test
    void manyBracesAreLookedThroughSoon() {
        assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> assertTrue(refused("a: {{" + "{{ ".repeat(200_000)).contains("t.yaml")));
    }
}
