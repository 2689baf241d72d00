package io.keelson.kvstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import org.junit.jupiter.api.Test;

/** Texts and numbers as Go writes and reads them. Strings hold one byte per character. */
final class GoTextTest {
    @Property
    void whatIsQuotedReadsBackAsTheSameBytes(@ForAll @CharRange(from = '\0', to = '\u00ff') String bytes) {
        assertEquals(bytes, GoQuote.unquote(GoQuote.quote(bytes)));
    }

    @Test
    void quotedTextShowsWhatCanBeShownAndEscapesTheRest() {
        assertEquals("\"a\\x00\\n\\\"\\\\\"", GoQuote.quote("a\0\n\"\\"));
        assertEquals("\"" + ByteText.ofText("\u00e9") + "\"", GoQuote.quote(ByteText.ofText("\u00e9")));
        assertEquals("\"\\xff\"", GoQuote.quote("\u00ff"));
        assertEquals("\"\\u2028\"", GoQuote.quote(ByteText.ofText("\u2028")));
    }

    @Test
    void whatIsNoLiteralIsNotRead() {
        for (String wrong : List.of("a", "\"", "\"a", "\"\\q\"", "\"\\x1\"", "\"\n\"", "'a'", "\"\"\"")) {
            assertNull(GoQuote.unquote(wrong), wrong);
        }
        assertEquals("a\\n", GoQuote.unquote("`a\\n`"));
        assertEquals("A", GoQuote.unquote("\"\\101\""));
        assertEquals(ByteText.ofText("\u00e9"), GoQuote.unquote("\"\\u00e9\""));
    }

    @Property
    void aDurationThatIsShownReadsBack(@ForAll long ns) {
        Duration duration = Duration.ofNanos(ns == Long.MIN_VALUE ? 0 : ns);
        assertEquals(duration, GoDuration.parse(GoDuration.format(duration)));
    }

    @Test
    void durationsHaveGosUnits() {
        assertEquals(Duration.ofMillis(90_500), GoDuration.parse("1m30.5s"));
        assertEquals("1h0m0.5s", GoDuration.format(Duration.ofMillis(3_600_500)));
        assertEquals("2.5ms", GoDuration.format(Duration.ofNanos(2_500_000)));
        assertEquals(ByteText.ofText("1.5\u00b5s"), GoDuration.format(Duration.ofNanos(1500)));
        assertThrows(IllegalArgumentException.class, () -> GoDuration.parse("5"));
    }

    @Test
    void numbersAreReadInGosBases() {
        assertEquals(255, GoNumbers.parseInt("0xff", 0));
        assertEquals(8, GoNumbers.parseInt("010", 0));
        assertEquals(-5, GoNumbers.parseInt("-0b101", 0));
        assertEquals(Long.MIN_VALUE, GoNumbers.parseInt("-9223372036854775808", 10));
        assertEquals(-1, GoNumbers.parseUint("ffffffffffffffff", 16));
        assertEquals("-000000000000001", GoNumbers.leaseHex(-1));
        for (String wrong : List.of("", "x", "1_", "0x", "9223372036854775808", "+-1")) {
            assertThrows(IllegalArgumentException.class, () -> GoNumbers.parseInt(wrong, 0), wrong);
        }
    }

    @Test
    void sizesAreInPowersOfAThousand() {
        assertEquals("0 B", ByteSize.format(0));
        assertEquals("999 B", ByteSize.format(999));
        assertEquals("20 kB", ByteSize.format(20_480));
        assertEquals("1.7 MB", ByteSize.format(1_700_000));
        assertEquals("8.6 GB", ByteSize.format(8_589_934_592L));
    }

    @Test
    void aLongCellIsBrokenAtItsSpaces() {
        String table = AsciiTable.format(
                List.of("a", "long_title"), List.of(List.of("1", "memberID:12345678901234567890 alarm:NOSPACE")));
        assertEquals("""
                +---+-------------------------------+
                | A |          LONG TITLE           |
                +---+-------------------------------+
                | 1 | memberID:12345678901234567890 |
                |   |                 alarm:NOSPACE |
                +---+-------------------------------+
                """, table);
    }

    @Test
    void wordsMayBeQuotedEitherWay() {
        assertEquals(List.of("put", "a b", "c\td", "-x"), ShellWords.split("put 'a b'  \"c\\td\" -x"));
    }

    @Test
    void servicesAreReadFromANameServersAnswer() throws Exception {
        byte[] query = DnsServices.query("_etcd-client._tcp.example.org");
        var answer = new java.io.ByteArrayOutputStream();
        answer.write(query);
        // The question's name by pointer, type SRV, class IN, TTL, length; priority, weight, port 2379, "m1" + pointer.
        answer.write(new byte[] {(byte) 0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 9, 0, 11});
        answer.write(new byte[] {0, 1, 0, 2, 9, 75, 2, 'm', '1', (byte) 0xc0, 30});
        byte[] bytes = answer.toByteArray();
        bytes[7] = 1;
        assertEquals(
                List.of(new DnsServices.Service(1, 2, 2379, "m1.example.org")),
                DnsServices.parse(java.nio.ByteBuffer.wrap(bytes), query));
        bytes[3] = 3;
        assertThrows(java.io.IOException.class, () -> DnsServices.parse(java.nio.ByteBuffer.wrap(bytes), query));
    }
}
