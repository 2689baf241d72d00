package io.keelson.dist.up.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ListeningSocketsTest {
    private static final String HEAD =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    private static String line(String address, String state, long inode) {
        return "   0: " + address + " 00000000:0000 " + state
                + " 00000000:00000000 00:00000000 00000000     0        0 " + inode
                + " 1 0000000000000000 100 0 0 10 0\n";
    }

    private static byte[] octets(String address) throws Exception {
        return InetAddress.ofLiteral(address).getAddress();
    }

    @Test
    void whatListensAtAnAddressIsInTheWayThereOnly() throws Exception {
        ListeningSockets sockets = new ListeningSockets(
                ListeningSockets.parse("tcp", HEAD + line("0100007F:192B", "0A", 7) + line("0200007F:192B", "01", 8)));
        assertEquals(
                7, sockets.at("tcp", octets("127.0.0.1"), 6443).orElseThrow().inode());
        assertTrue(sockets.at("tcp", octets("127.0.0.2"), 6443).isEmpty());
        assertTrue(sockets.at("tcp", octets("127.0.0.1"), 6444).isEmpty());
        assertTrue(sockets.at("udp", octets("127.0.0.1"), 6443).isEmpty());
        assertTrue(sockets.at("tcp", octets("0.0.0.0"), 6443).isPresent());
    }

    @Test
    void whatListensEverywhereIsInEverybodysWay() throws Exception {
        ListeningSockets sockets = new ListeningSockets(
                ListeningSockets.parse("udp", HEAD + line("00000000000000000000000000000000:0035", "07", 9)));
        assertTrue(sockets.at("udp", octets("192.0.2.53"), 53).isPresent());
        assertTrue(sockets.at("udp", octets("::1"), 53).isPresent());
    }

    @Test
    void anAddressOfTheOldKindInTheNewOnesPlaceIsTheOldOne() throws Exception {
        List<ListeningSockets.Socket> sockets =
                ListeningSockets.parse("tcp", line("0000000000000000FFFF00000100007F:192B", "0A", 3));
        assertTrue(new ListeningSockets(sockets)
                .at("tcp", octets("127.0.0.1"), 6443)
                .isPresent());
    }

    @Test
    void linesThatAreNoneArePassedOver() {
        List<String> lines = new ArrayList<>(List.of(
                "",
                ":",
                "0: 0100007F:192B",
                line("0100007:192B", "0A", 1),
                line("0100007F:192BF", "0A", 1),
                line("0100007F", "0A", 1),
                line("ZZZZZZZZ:192B", "0A", 1)));
        lines.add(line("0100007F:192B", "0A", 1).replace(" 1 1 ", " 99999999999999999999 1 "));
        for (String line : lines) {
            assertEquals(List.of(), ListeningSockets.parse("tcp", line), line);
        }
    }
}
