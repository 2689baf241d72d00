package io.keelson.controllers.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.math.BigDecimal;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoDurationTest {
    @ParameterizedTest
    @CsvSource({
        "0, PT0S",
        "-0, PT0S",
        "0s, PT0S",
        "5s, PT5S",
        "-5s, PT-5S",
        "+5s, PT5S",
        "1h30m, PT1H30M",
        "1h2m3.5s, PT1H2M3.5S",
        "1.5h, PT1H30M",
        "-1h30m, PT-1H-30M",
        "30m1h, PT1H30M",
        "5.s, PT5S",
        ".5s, PT0.5S",
        "100ms, PT0.1S",
        "3us, PT0.000003S",
        "3\u00b5s, PT0.000003S",
        "3\u03bcs, PT0.000003S",
        "7ns, PT0.000000007S",
        "0.9ns0.9ns, PT0S",
        "0.3333333333333333333h, PT19M59.999999999S",
        "0.100000000000000000000h, PT6M",
        "9223372036854775807ns, PT2562047H47M16.854775807S",
        "-9223372036854775808ns, PT-2562047H-47M-16.854775808S"
    })
    void spansAreReadAsGoReadsThem(String text, Duration span) {
        assertEquals(span, GoDuration.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "+",
                "--5s",
                ".",
                "-.s",
                "s",
                "h1",
                " 5s",
                "9223372036854775808ns",
                "2562048h",
                "-9223372036854775809ns",
                "99999999999999999999s"
            })
    void whatIsNoSpanIsToldInTheWordsOfGo(String text) {
        assertEquals("time: invalid duration \"" + text + '"', refusal(text));
    }

    @Test
    void aUnitThatIsMissingOrNotKnownIsNamed() {
        assertEquals("time: missing unit in duration \"15\"", refusal("15"));
        assertEquals("time: missing unit in duration \"1s2\"", refusal("1s2"));
        assertEquals("time: missing unit in duration \"1.2.3s\"", refusal("1.2.3s"));
        assertEquals("time: unknown unit \"d\" in duration \"1d\"", refusal("1d"));
        assertEquals("time: unknown unit \"s \" in duration \"1s \"", refusal("1s "));
    }

    private static String refusal(String text) {
        return String.valueOf(assertThrows(IllegalArgumentException.class, () -> GoDuration.parse(text))
                .getMessage());
    }

    @Test
    void aLengthIsNotNegative() {
        assertEquals(Duration.ofSeconds(5), GoDuration.length("5s"));
        assertEquals(Duration.ZERO, GoDuration.length("-0s"));
        assertEquals(
                "must not be negative: -5s",
                assertThrows(IllegalArgumentException.class, () -> GoDuration.length("-5s"))
                        .getMessage());
    }

    @Test
    void textsOfAnyLengthAreReadInTime() {
        assertTimeout(Duration.ofSeconds(5), () -> {
            String zeros = "0".repeat(3_000_000);
            assertEquals(Duration.ofSeconds(1), GoDuration.parse(zeros + "1s"));
            assertEquals(Duration.ofSeconds(1), GoDuration.parse("1." + zeros + "1s"));
            assertEquals(Duration.ofMillis(1), GoDuration.parse("1ns".repeat(1_000_000)));
            refusal("9".repeat(3_000_000) + "s");
        });
    }

    @Property(tries = 300)
    void partsAddUp(
            @ForAll @IntRange(max = 1_000) int hours,
            @ForAll @IntRange(max = 100_000) int minutes,
            @ForAll @LongRange(max = 100_000_000_000L) long microseconds,
            @ForAll boolean negative) {
        String text = (negative ? "-" : "") + hours + "h" + minutes + "m"
                + BigDecimal.valueOf(microseconds, 6).toPlainString() + "s";
        Duration span =
                Duration.ofHours(hours).plusMinutes(minutes).plusNanos(Math.multiplyExact(microseconds, 1_000L));
        assertEquals(negative ? span.negated() : span, GoDuration.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0s",
        "PT0.000000007S, 7ns",
        "PT0.0000015S, 1.5\u00b5s",
        "PT0.02S, 20ms",
        "PT1S, 1s",
        "PT3M, 3m0s",
        "PT3M5.25S, 3m5.25s",
        "PT1H0.5S, 1h0m0.5s",
        "PT-10S, -10s",
        "PT100H, 100h0m0s",
    })
    void showsASpanAsGoDoes(Duration span, String text) {
        assertEquals(text, GoDuration.text(span));
    }

    @Property(tries = 200)
    void readsWhatItShows(@ForAll long nanos) {
        Duration span = Duration.ofNanos(nanos);
        assertEquals(span, GoDuration.parse(GoDuration.text(span)));
    }
}
