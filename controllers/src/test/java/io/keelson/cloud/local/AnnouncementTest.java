package io.keelson.cloud.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keelson.controllers.objects.IpAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnnouncementTest {
    private static final byte[] HARDWARE = {2, 0, 0, 0, 0, 7};

    private static List<Announcement> of(String text) {
        IpAddress address = IpAddress.parse(text);
        assertNotNull(address);
        return Announcement.of(address, HARDWARE);
    }

    @Test
    void anIpv4AddressIsAnnouncedAsRequestAndAsAnswer() {
        List<Announcement> both = of("192.168.1.240");
        assertEquals(2, both.size());
        assertEquals(0x0806, both.getFirst().protocol());
        assertEquals("ffffffffffff", HexFormat.of().formatHex(both.getFirst().destination()));
        assertEquals(
                "0001" + "0800" + "06" + "04" + "0001" + "020000000007" + "c0a801f0" + "000000000000" + "c0a801f0",
                HexFormat.of().formatHex(both.getFirst().packet()));
        assertEquals(
                "0001" + "0800" + "06" + "04" + "0002" + "020000000007" + "c0a801f0" + "ffffffffffff" + "c0a801f0",
                HexFormat.of().formatHex(both.getLast().packet()));
    }

    @Test
    void anIpv6AddressIsAdvertisedToAllNodes() {
        Announcement only = of("fd00::1").getFirst();
        assertEquals(0x86dd, only.protocol());
        assertEquals("333300000001", HexFormat.of().formatHex(only.destination()));
        byte[] packet = only.packet();
        String own = "fd000000000000000000000000000001";
        String allNodes = "ff020000000000000000000000000001";
        assertEquals(
                "60000000" + "0020" + "3a" + "ff" + own + allNodes + "8800",
                HexFormat.of().formatHex(packet, 0, 42));
        assertEquals("20000000" + own + "0201020000000007", HexFormat.of().formatHex(packet, 44, 72));
        // With its checksum in place, the sum over the pseudo header and the message comes to nothing.
        byte[] pseudo = ByteBuffer.allocate(72)
                .put(packet, 8, 32)
                .putInt(32)
                .putInt(58)
                .put(packet, 40, 32)
                .array();
        assertEquals(0, Announcement.checksum(pseudo));
    }

    @Test
    void theChecksumIsThatOfTheInternet() {
        // The example of RFC 1071.
        byte[] data = {0, 1, (byte) 0xf2, 3, (byte) 0xf4, (byte) 0xf5, (byte) 0xf6, (byte) 0xf7};
        assertEquals((short) ~0xddf2, Announcement.checksum(data));
        assertEquals((short) ~0x0100, Announcement.checksum(new byte[] {1}));
        byte[] ones = new byte[2000];
        Arrays.fill(ones, (byte) -1);
        assertEquals(0, Announcement.checksum(ones));
        assertThrows(IllegalArgumentException.class, () -> Announcement.of(address(), new byte[8]));
    }

    private static IpAddress address() {
        IpAddress address = IpAddress.parse("10.0.0.1");
        assertNotNull(address);
        return address;
    }
}
