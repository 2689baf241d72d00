package io.keelson.controllers.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, 10.0.0.1",
        "010.001.0.09, 10.1.0.9",
        "::ffff:1.2.3.4, 1.2.3.4",
        "FD00::1, fd00::1",
        "fd00:0:0:0:0:0:0:1, fd00::1",
        "::, ::",
        "::1, ::1",
        "1::, 1::",
        "1:0:0:2:0:0:0:3, 1:0:0:2::3",
        "1:0:2:3:4:5:6:7, 1:0:2:3:4:5:6:7",
        "0:0:1::, 0:0:1::",
    })
    void anAddressIsWrittenInOneWay(String text, String canonical) {
        IpAddress address = IpAddress.parse(text);
        assertNotNull(address);
        assertEquals(canonical, address.toString());
        assertEquals(address, IpAddress.parse(canonical));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "1.2.3",
                "1.2.3.256",
                "1.2.3.-4",
                "fe80::1%eth0",
                "[::1]",
                "1:2",
                ":",
                "1.2.3.4.5"
            })
    void whatIsNoAddressIsNone(String text) {
        assertNull(IpAddress.parse(text));
    }

    private static IpPrefix prefix(String text) {
        IpPrefix prefix = IpPrefix.parse(text);
        assertNotNull(prefix, text);
        return prefix;
    }

    private static IpAddress address(String text) {
        IpAddress address = IpAddress.parse(text);
        assertNotNull(address, text);
        return address;
    }

    @Test
    void aRangeHasTheAddressesThatShareItsBits() {
        IpPrefix range = prefix("10.96.3.4/12");
        assertEquals("10.96.0.0/12", range.toString());
        assertTrue(range.contains(address("10.111.255.255")));
        assertFalse(range.contains(address("10.112.0.0")));
        assertFalse(range.contains(address("fd00::1")));
        assertTrue(prefix("0.0.0.0/0").contains(range));
        assertTrue(range.contains(range));
        assertFalse(range.contains(prefix("10.0.0.0/8")));
        assertTrue(range.overlaps(prefix("10.0.0.0/8")));
        assertFalse(range.overlaps(prefix("11.0.0.0/8")));
        assertTrue(prefix("fd00::/108").contains(address("fd00::f:ffff")));
        assertFalse(prefix("fd00::/108").contains(address("fd00::10:0")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "x/8", "fd00::/129", "10.0.0.0/9999"})
    void whatIsNoRangeIsNone(String text) {
        assertNull(IpPrefix.parse(text));
    }
}
