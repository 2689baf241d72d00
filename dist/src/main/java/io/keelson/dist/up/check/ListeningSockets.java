package io.keelson.dist.up.check;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The sockets of a machine at which something can be received, as the kernel's lists of them say.
 *
 * @param all those of TCP that listen, and all of UDP
 */
record ListeningSockets(List<Socket> all) {
    private static final String LISTENING = "0A";
    private static final String MAPPED = "00000000000000000000ffff";

    /**
     * One of them.
     *
     * @param protocol {@code tcp} or {@code udp}
     * @param address in hexadecimal digits, most significant first; 8 or 32 of them
     * @param inode its number, by which the process is found that has it
     */
    record Socket(String protocol, String address, int port, long inode) {
        private boolean isEverywhere() {
            return address.chars().allMatch(digit -> digit == '0');
        }
    }

    /**
     * Reads a list as {@code /proc/net/tcp6} has it; lines that are none are passed over.
     *
     * @param protocol {@code tcp} or {@code udp}
     */
    static List<Socket> parse(String protocol, String text) {
        List<Socket> sockets = new ArrayList<>();
        for (String line : text.lines().toList()) {
            String[] fields = line.strip().split("\\s+", -1);
            String[] local = fields.length < 10 ? new String[0] : fields[1].split(":", -1);
            if (local.length != 2
                    || !local[0].matches("[0-9A-F]{8}|[0-9A-F]{32}")
                    || !local[1].matches("[0-9A-F]{4}")
                    || !fields[9].matches("\\d{1,18}")
                    || (protocol.equals("tcp") && !fields[3].equals(LISTENING))) {
                continue;
            }
            sockets.add(
                    new Socket(protocol, address(local[0]), Integer.parseInt(local[1], 16), Long.parseLong(fields[9])));
        }
        return sockets;
    }

    /** Each word of four octets is written with the least significant one first. */
    private static String address(String listed) {
        byte[] octets = HexFormat.of().parseHex(listed);
        byte[] ordered = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            ordered[i] = octets[i / 4 * 4 + 3 - i % 4];
        }
        String digits = HexFormat.of().formatHex(ordered);
        return digits.startsWith(MAPPED) ? digits.substring(MAPPED.length()) : digits;
    }

    /**
     * Who is in the way of a new one.
     *
     * @param address its octets; all zero for any address
     */
    Optional<Socket> at(String protocol, byte[] address, int port) {
        String digits = HexFormat.of().formatHex(address);
        boolean isEverywhere = digits.chars().allMatch(digit -> digit == '0');
        return all.stream()
                .filter(socket -> socket.protocol().equals(protocol) && socket.port() == port)
                .filter(socket -> isEverywhere
                        || socket.isEverywhere()
                        || socket.address().equals(digits))
                .findFirst();
    }
}
