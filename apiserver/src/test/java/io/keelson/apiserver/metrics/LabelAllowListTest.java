package io.keelson.apiserver.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.keelson.apiserver.certs.ConfigFile;
import io.keelson.kvstore.metrics.Metrics;
import io.keelson.kvstore.metrics.Metrics.Sample;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which values labels of metrics may have. */
final class LabelAllowListTest {
    private static List<Sample> shown(LabelAllowList list, String... labels) {
        return list.shown(
                "requests",
                List.of(labels).stream().map(text -> new Sample("", text, 1)).toList());
    }

    @Test
    void otherValuesAreToldTogether() {
        LabelAllowList list = LabelAllowList.of(List.of("requests,verb=GET,LIST"));
        assertEquals(
                List.of(
                        new Sample("", "code=\"200\",verb=\"GET\"", 1),
                        new Sample("", "code=\"200\",verb=\"unexpected\"", 2),
                        new Sample("", "code=\"500\",verb=\"unexpected\"", 1)),
                shown(
                        list,
                        "code=\"200\",verb=\"GET\"",
                        "code=\"200\",verb=\"POST\"",
                        "code=\"500\",verb=\"PUT\"",
                        "code=\"200\",verb=\"WATCH\""));
    }

    @Test
    void otherMetricsAndLabelsAreLeftAlone() {
        LabelAllowList list = LabelAllowList.of(List.of("requests,verb=GET"));
        List<Sample> some = List.of(new Sample("", "verb=\"POST\"", 1));
        assertEquals(some, list.shown("others", some));
        assertEquals(List.of(new Sample("", "code=\"POST\"", 1)), shown(list, "code=\"POST\""));
        assertEquals(List.of(new Sample("", "", 1)), shown(list, ""));
    }

    @Test
    void bucketsOfOtherValuesAreAddedUp() {
        Metrics metrics = new Metrics();
        Metrics.Histograms seconds = metrics.histograms("seconds", "How long.", 1, 2);
        seconds.at(Metrics.label("verb", "PUT")).observe(0.5);
        seconds.at(Metrics.label("verb", "POST")).observe(1.5);
        LabelAllowList list = LabelAllowList.of(List.of("seconds,verb=GET"));
        assertEquals("""
                # HELP seconds How long.
                # TYPE seconds histogram
                seconds_bucket{verb="unexpected",le="1"} 1
                seconds_bucket{verb="unexpected",le="2"} 2
                seconds_bucket{verb="unexpected",le="+Inf"} 2
                seconds_sum{verb="unexpected"} 2
                seconds_count{verb="unexpected"} 2
                """, metrics.text(_ -> true, list::shown));
    }

    @Test
    void valuesMayHaveAnyCharacter() {
        LabelAllowList list = LabelAllowList.of(List.of("requests,path=a\"b\\c"));
        String strange = Metrics.label("path", "a\"b\\c");
        assertEquals(
                List.of(new Sample("", strange, 1), new Sample("", "path=\"unexpected\"", 1)),
                shown(list, strange, Metrics.label("path", "a\"b\\c,path=\"x")));
    }

    @Test
    void aLongValueTakesNoLongTime() {
        LabelAllowList list = LabelAllowList.of(List.of("requests,path=a"));
        String hostile = "path=\"" + "\\\\".repeat(200_000);
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> shown(list, hostile));
    }

    @Test
    void flagsAndFilesSayItAlikeAndTogether() throws Exception {
        LabelAllowList expected = LabelAllowList.of(List.of("a_total,verb=GET", "a_total,verb=PUT", "b,code=200"));
        assertEquals(expected, LabelAllowList.of(List.of("a_total,verb='GET,PUT'", "\"b,code=200\"")));
        LabelAllowList file = LabelAllowList.of(
                ConfigFile.parse("a_total,verb: PUT\nb,code: 200\n".getBytes(StandardCharsets.UTF_8)));
        assertEquals(expected, LabelAllowList.of(List.of("a_total,verb=GET")).and(file));
        assertEquals(LabelAllowList.ANY, LabelAllowList.of(List.of()).and(LabelAllowList.ANY));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a,b       | a,b must be formatted as metric,label=value,value
            a=x       | "a" must be the name of a metric and that of a label, with a comma between them
            1a,b=x    | "1a,b" must be the name of a metric and that of a label, with a comma between them
            a,b,c=x   | "a,b,c" must be the name of a metric and that of a label, with a comma between them
            """)
    void whatNamesNoLabelIsRefused(String pair, String why) {
        assertEquals(
                why,
                assertThrows(IllegalArgumentException.class, () -> LabelAllowList.of(List.of(pair)))
                        .getMessage());
    }

    @Test
    void aFileOfSomethingElseIsRefused() throws Exception {
        assertEquals(
                "a,b: values must be a text, with commas between them",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> LabelAllowList.of(
                                        ConfigFile.parse("a,b: [x, y]".getBytes(StandardCharsets.UTF_8))))
                        .getMessage());
    }
}
