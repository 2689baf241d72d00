package io.keelson.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsTextTest {
    private static List<MetricsText.Sample> read(String text) {
        List<MetricsText.Sample> samples = new ArrayList<>();
        MetricsText.read(text.getBytes(StandardCharsets.UTF_8), Set.of("a", "b_total"), samples::add);
        return samples;
    }

    @Test
    void valuesAreReadWithTheirLabelsAndTimes() {
        assertEquals(
                List.of(
                        new MetricsText.Sample("a", Map.of(), 1.5, null),
                        new MetricsText.Sample("b_total", Map.of("x", "1", "y", "a \"b\" \\ {c}\nd"), 2e9, 1_700L),
                        new MetricsText.Sample("a", Map.of("x", ""), Double.POSITIVE_INFINITY, -5L)),
                read("""
                        # HELP a of nothing
                        # TYPE a gauge
                        a 1.5
                        other{bad 1
                        b_total{x="1",y="a \\"b\\" \\\\ {c}\\nd"} 2e+09 1700
                        a { x = "" , } +Inf -5

                        b 3
                        """));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "a x",
                "a 1f",
                "a 0x10",
                "a 1 2 3",
                "a 1 1.5",
                "a 1 99999999999999999999",
                "a{",
                "a{x",
                "a{x=",
                "a{x=1} 2",
                "a{x=\"1} 2",
                "a{=\"1\"} 2",
                "a{x=\"1\" 2",
                "a{x=\"\\"
            })
    void whatIsMalformedIsRefusedWithItsLine(String line) {
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> read("a 1\n" + line + "\n"));
        assertTrue(String.valueOf(refusal.getMessage()).startsWith("line 2: "), refusal.toString());
    }

    @Test
    void whateverComesIsReadToItsEndOrRefused() {
        Random random = new Random(11);
        String letters = "a{}x=\"\\,1. e+-\n\t#\u00e4";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder("a");
            for (int j = random.nextInt(30); j > 0; j--) {
                text.append(letters.charAt(random.nextInt(letters.length())));
            }
            try {
                List<MetricsText.Sample> _ = read(text.toString());
            } catch (IllegalArgumentException refused) {
                assertTrue(String.valueOf(refused.getMessage()).startsWith("line "));
            }
        }
        String labels = "a{" + "x=\"1\",".repeat(100_000) + "} 1";
        assertEquals(1, read(labels).size(), "one name is one label");
        StringBuilder many = new StringBuilder("a{");
        for (int i = 0; i < 1000; i++) {
            many.append("x").append(i).append("=\"1\",");
        }
        assertThrows(IllegalArgumentException.class, () -> read(many + "} 1"));
    }
}
