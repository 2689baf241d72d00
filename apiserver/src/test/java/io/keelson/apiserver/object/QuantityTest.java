package io.keelson.apiserver.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {
    private static String canonical(String text) {
        return Quantity.parse(text).toString();
    }

    private static String error(String text) {
        return assertThrows(MalformedException.class, () -> Quantity.parse(text))
                .message();
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "0n,0",
        "0Mi,0",
        "-0,0",
        "1,1",
        "1000,1k",
        "1000m,1",
        "1500m,1500m",
        "0.5,500m",
        ".5,500m",
        "0.1,100m",
        "100m,100m",
        "1.5Gi,1536Mi",
        "1024,1024",
        "1024Ki,1Mi",
        "1000Ki,1000Ki",
        "1048576Ki,1Gi",
        "0.5Ki,512",
        "0.5Mi,512Ki",
        "1.1Mi,1153433600m",
        "10000k,10M",
        "12e6,12e6",
        "1E3,1E3",
        "1000e3,1e6",
        "1e-3,1e-3",
        "2E,2E",
        "1000P,1E",
        "1n,1n",
        "0.1n,1n",
        "1.0000000001,1000000001n",
        "-1.0000000001,-1000000001n",
        "12.123456789k,12.123456789k",
        "12.1234567k,12123456700u",
        "1u,1u",
        "1000u,1m",
        "-100m,-100m",
        "+5,+5",
        "5.,5.",
        "1.500,1.500",
        "9223372036854775807,9223372036854775807",
        "9223372036854775808,9223372036854775808",
        "16Ei,9223372036854775807",
        "1e30,1e30",
        "1000E,1000E"
    })
    void writesAmountsInTheirCanonicalForm(String text, String canonical) {
        assertEquals(canonical, canonical(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "abc", "1 Gi", "1Gib", "1..2", "1g", "٣", "1GiB", "0x1", "1,5", "1.5.2", "1e5.0", " 1", "1 "
            })
    void refusesWhatHasNotTheFormOfAQuantity(String text) {
        assertEquals(
                "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
                error(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1K", "--1", "1-", "1ki", "1mi", "1mm", "1e", "1ee3", "1Eii", "1i", "1e99999999999", "1e2000"})
    void refusesSuffixesThatThereAreNot(String text) {
        assertEquals("unable to parse quantity's suffix", error(text));
    }

    @Test
    void boundsWhatItReads() {
        assertEquals("unable to parse numeric part of quantity", error("1".repeat(2_000)));
        assertEquals("10e1023", Quantity.parse("1e1023").multiply(10).toString());
    }

    @Test
    void roundsAwayFromZero() {
        assertEquals(2, Quantity.parse("1001m").value());
        assertEquals(-2, Quantity.parse("-1001m").value());
        assertEquals(1, Quantity.parse("1n").value());
        assertEquals(1, Quantity.parse("1n").milliValue());
        assertEquals(1_500, Quantity.parse("1.5").milliValue());
        assertEquals(1_536L << 20, Quantity.parse("1.5Gi").value());
        assertEquals(Long.MAX_VALUE, Quantity.parse("1e30").value());
        assertEquals(Long.MIN_VALUE, Quantity.parse("-1e30").value());
    }

    @Test
    void addsInTheStyleOfTheFirst() {
        assertEquals(
                "1537Mi", Quantity.parse("1.5Gi").add(Quantity.parse("1Mi")).toString());
        assertEquals("1500m", Quantity.parse("1").add(Quantity.parse("500m")).toString());
        assertEquals("1Gi", Quantity.ZERO.add(Quantity.parse("1Gi")).toString());
        assertEquals("-1", Quantity.parse("1").subtract(Quantity.parse("2")).toString());
        assertEquals(
                "18446744073709551614",
                Quantity.parse("9223372036854775807")
                        .add(Quantity.parse("9223372036854775807"))
                        .toString());
        assertEquals("3", Quantity.parse("1500m").multiply(2).toString());
    }

    @Test
    void comparesNumbersRatherThanText() {
        assertEquals(Quantity.parse("1"), Quantity.parse("1000m"));
        assertEquals(Quantity.parse("1Ki").hashCode(), Quantity.parse("1.024k").hashCode());
        assertNotEquals(Quantity.parse("1Ki"), Quantity.parse("1k"));
        assertTrue(Quantity.parse("-1n").compareTo(Quantity.ZERO) < 0);
        assertTrue(Quantity.parse("1e1000").compareTo(Quantity.parse("1e-1000")) > 0);
    }

    @Test
    void readsNumbersOfJsonToo() {
        assertEquals("2", Quantity.of(Json.parse("2")).toString());
        assertEquals("500m", Quantity.of(Json.parse("0.5")).toString());
        assertEquals("1Gi", Quantity.of(Json.parse("\" 1Gi \"")).toString());
        assertEquals("0", Quantity.of(Json.parse("null")).toString());
    }
}
