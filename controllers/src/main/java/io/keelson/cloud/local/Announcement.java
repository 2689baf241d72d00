package io.keelson.cloud.local;

import io.keelson.controllers.objects.IpAddress;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What tells a network that an address is at an interface now, so that neighbours and switches that knew it elsewhere
 * send there: for IPv4 a gratuitous ARP (RFC 5227), as a request and as an answer, as some listen to one and some to
 * the other; for IPv6 an unsolicited neighbour advertisement to all nodes (RFC 4861, 7.2.6).
 *
 * @param protocol the EtherType
 * @param destination the hardware address that it is sent to
 * @param packet what follows the Ethernet header
 */
record Announcement(int protocol, byte[] destination, byte[] packet) {
    private static final int ARP = 0x0806;
    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86dd;
    private static final int ETHERNET = 1;
    private static final int REQUEST = 1;
    private static final int ANSWER = 2;
    private static final int HARDWARE_BYTES = 6;
    private static final int ICMP = 58;
    private static final int ADVERTISEMENT = 136;
    private static final int OVERRIDE = 0x2000_0000;
    private static final int TARGET_HARDWARE = 2;
    private static final byte[] EVERYBODY = {-1, -1, -1, -1, -1, -1};
    private static final byte[] ALL_NODES = {0x33, 0x33, 0, 0, 0, 1};

    /** The packets for an address at an interface of this hardware address, six bytes. */
    static List<Announcement> of(IpAddress address, byte[] hardware) {
        if (hardware.length != HARDWARE_BYTES) {
            throw new IllegalArgumentException("no Ethernet address: " + hardware.length + " bytes");
        }
        byte[] bytes = InetAddress.ofLiteral(address.toString()).getAddress();
        return address.isV6()
                ? List.of(new Announcement(IPV6, ALL_NODES, advertisement(bytes, hardware)))
                : List.of(
                        new Announcement(ARP, EVERYBODY, arp(REQUEST, bytes, hardware, new byte[HARDWARE_BYTES])),
                        new Announcement(ARP, EVERYBODY, arp(ANSWER, bytes, hardware, EVERYBODY)));
    }

    private static byte[] arp(int operation, byte[] address, byte[] hardware, byte[] target) {
        return ByteBuffer.allocate(28)
                .putShort((short) ETHERNET)
                .putShort((short) IPV4)
                .put((byte) HARDWARE_BYTES)
                .put((byte) address.length)
                .putShort((short) operation)
                .put(hardware)
                .put(address)
                .put(target)
                .put(address)
                .array();
    }

    private static byte[] advertisement(byte[] address, byte[] hardware) {
        byte[] allNodes = InetAddress.ofLiteral("ff02::1").getAddress();
        byte[] message = ByteBuffer.allocate(32)
                .put((byte) ADVERTISEMENT)
                .put((byte) 0)
                .putShort((short) 0)
                .putInt(OVERRIDE)
                .put(address)
                .put((byte) TARGET_HARDWARE)
                .put((byte) 1)
                .put(hardware)
                .array();
        ByteBuffer pseudo = ByteBuffer.allocate(40 + message.length)
                .put(address)
                .put(allNodes)
                .putInt(message.length)
                .putInt(ICMP)
                .put(message);
        ByteBuffer.wrap(message).putShort(2, checksum(pseudo.array()));
        return ByteBuffer.allocate(40 + message.length)
                .putInt(6 << 28)
                .putShort((short) message.length)
                .put((byte) ICMP)
                .put((byte) 255)
                .put(address)
                .put(allNodes)
                .put(message)
                .array();
    }

    /** The Internet's: the complement of the ones' complement sum (RFC 1071). */
    static short checksum(byte[] data) {
        int sum = 0;
        for (int i = 0; i < data.length; i += 2) {
            sum += (data[i] & 0xff) << 8 | (i + 1 < data.length ? data[i + 1] & 0xff : 0);
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        return (short) ~sum;
    }
}
