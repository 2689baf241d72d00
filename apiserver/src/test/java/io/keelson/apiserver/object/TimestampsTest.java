package io.keelson.apiserver.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimestampsTest {
    private static final Instant TIME = Instant.parse("2026-01-31T10:00:00.123456789Z");

    @Test
    void writesSecondsAndMicroseconds() {
        assertEquals("2026-01-31T10:00:00Z", Timestamps.seconds(TIME));
        assertEquals("2026-01-31T10:00:00.123456Z", Timestamps.microseconds(TIME));
        assertEquals(Instant.parse("2026-01-31T10:00:00Z"), Timestamps.stored(TIME));
    }

    @ParameterizedTest
    @CsvSource({
        "2026-01-31T10:00:00Z,2026-01-31T10:00:00Z",
        "2026-01-31T12:30:00+02:30,2026-01-31T10:00:00Z",
        "2026-01-31T10:00:00.5Z,2026-01-31T10:00:00.5Z",
        "2026-01-31T10:00:00.123456Z,2026-01-31T10:00:00.123456Z"
    })
    void readsEveryZone(String text, String time) {
        assertEquals(Instant.parse(time), Timestamps.parse(text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "abc | cannot parse \"abc\" as \"2006\"",
                "2026/01/31 | cannot parse \"/01/31\" as \"-\"",
                "2026-01-31 | cannot parse \"\" as \"T\"",
                "2026-01-31T10:00 | cannot parse \"\" as \":\"",
                "2026-01-31T10:00:00 | cannot parse \"\" as \"Z07:00\"",
            })
    void namesWhatIsWrongAsTheOriginalDoes(String text, String error) {
        MalformedException thrown = assertThrows(MalformedException.class, () -> Timestamps.parse(text));
        assertEquals("parsing time \"" + text + "\" as \"2006-01-02T15:04:05Z07:00\": " + error, thrown.message());
    }

    @Test
    void refusesDatesThatThereAreNot() {
        assertEquals(
                "parsing time \"2026-02-30T10:00:00Z\": day out of range",
                assertThrows(MalformedException.class, () -> Timestamps.parse("2026-02-30T10:00:00Z"))
                        .message());
        assertEquals(
                "parsing time \"2026-13-01T10:00:00Z\": month out of range",
                assertThrows(MalformedException.class, () -> Timestamps.parse("2026-13-01T10:00:00Z"))
                        .message());
        assertThrows(MalformedException.class, () -> Timestamps.parse("2".repeat(1_000_000)));
    }

    /** The short way reads what the long one reads, and nothing else. */
    @Property
    void readsTimesInUtcAsTheJdkDoes(
            @ForAll @LongRange(min = -62_167_219_200L, max = 253_402_300_799L) long second,
            @ForAll @IntRange(max = 999_999_999) int nanos,
            @ForAll @IntRange(min = 1, max = 9) int digits) {
        Instant time = Instant.ofEpochSecond(second);
        assertEquals(time.toString(), Timestamps.seconds(time.plusNanos(nanos)));
        assertEquals(time, Timestamps.utc(time.toString()));
        assertEquals(time, Timestamps.parse(time.toString()));
        String fraction = "%09d".formatted(nanos).substring(0, digits);
        String text = time.toString().replace("Z", "." + fraction + "Z");
        assertEquals(Instant.parse(text), Timestamps.utc(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Z",
                "2026-01-31T10:00:00",
                "2026-01-31T10:00:00z",
                "2026-01-31t10:00:00Z",
                "2026-02-29T10:00:00Z",
                "2026-00-01T10:00:00Z",
                "2026-13-01T10:00:00Z",
                "2026-01-00T10:00:00Z",
                "2026-01-31T24:00:00Z",
                "2026-01-31T10:60:00Z",
                "2026-01-31T10:00:60Z",
                "2026-01-31T10:00:00.Z",
                "2026-01-31T10:00:00,5Z",
                "2026-01-31T10:00:00.1234567890Z",
                "2026-01-31T10:00:00.12345678xZ",
                "2026-01-31T10:00:00+00:00",
                "2026-1-31T10:00:00.0Z",
                "+2026-01-31T10:00:00Z",
                "-026-01-31T10:00:00Z",
                "2026-01-31T+1:00:00Z",
                "2026-01-31T10:00:-1Z"
            })
    void leavesAllOtherTimesToTheLongWay(String text) {
        assertNull(Timestamps.utc(text));
    }

    @Test
    void readsTheLeapDay() {
        assertEquals(Instant.parse("2028-02-29T00:00:00Z"), Timestamps.utc("2028-02-29T00:00:00Z"));
        assertNull(Timestamps.utc("2100-02-29T00:00:00Z"));
    }

    @Test
    void wantsSixDigitsOfMicroseconds() {
        assertEquals(
                Instant.parse("2026-01-31T10:00:00.000001Z"),
                Timestamps.parseMicroseconds("2026-01-31T10:00:00.000001Z"));
        assertEquals(
                "parsing time \"2026-01-31T10:00:00Z\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse \"Z\" as"
                        + " \".000000\"",
                assertThrows(MalformedException.class, () -> Timestamps.parseMicroseconds("2026-01-31T10:00:00Z"))
                        .message());
    }
}
