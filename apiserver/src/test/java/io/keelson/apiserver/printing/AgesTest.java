package io.keelson.apiserver.printing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgesTest {
    @ParameterizedTest
    @CsvSource({
        "PT-2S, <invalid>",
        "PT-1S, 0s",
        "PT0S, 0s",
        "PT1S, 1s",
        "PT119S, 119s",
        "PT2M, 2m",
        "PT2M1S, 2m1s",
        "PT9M59S, 9m59s",
        "PT10M, 10m",
        "PT10M59S, 10m",
        "PT2H59M, 179m",
        "PT3H, 3h",
        "PT3H1M, 3h1m",
        "PT7H59M, 7h59m",
        "PT8H30M, 8h",
        "PT47H, 47h",
        "PT48H, 2d",
        "PT49H, 2d1h",
        "P7DT23H, 7d23h",
        "P8DT5H, 8d",
        "P729D, 729d",
        "P730D, 2y",
        "P731D, 2y1d",
        "P2919D, 7y364d",
        "P2920D, 8y",
        "P4000D, 10y",
    })
    void areRoundedAsPeopleDo(Duration duration, String text) {
        assertEquals(text, Ages.human(duration));
    }

    @Test
    void areUnknownWithoutATime() {
        Instant now = Instant.parse("2026-05-01T12:00:00Z");
        assertEquals("<unknown>", Ages.since(NullNode.getInstance(), now));
        assertEquals("<unknown>", Ages.since(TextNode.valueOf("yesterday"), now));
        assertEquals("5d", Ages.since(TextNode.valueOf("2026-04-26T12:00:00Z"), now));
    }
}
