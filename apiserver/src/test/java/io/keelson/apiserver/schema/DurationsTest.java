package io.keelson.apiserver.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0s",
        "5m, 5m0s",
        "90s, 1m30s",
        "3600s, 1h0m0s",
        "36h, 36h0m0s",
        "1h1ms, 1h0m0.001s",
        "1500ms, 1.5s",
        "30s, 30s",
        "500ms, 500ms",
        "1.25ms, 1.25ms",
        "20us, 20µs",
        "1ns, 1ns",
        "-2s, -2s",
        "-90m, -1h30m0s",
    })
    void spansAreShownAsGoShowsThem(String written, String shown) {
        assertEquals(shown, Durations.text(Durations.parse(written)));
        assertEquals(Durations.parse(written), Durations.parse(shown));
    }
}
