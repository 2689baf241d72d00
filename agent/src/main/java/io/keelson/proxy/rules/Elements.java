package io.keelson.proxy.rules;

import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Keys and values as the kernel has them. Each part begins at a multiple of four bytes; addresses and ports are in the
 * network's order, numbers of ours in the machine's.
 */
final class Elements {
    private Elements() {}

    /** A number of ours. */
    static Octets word(int number) {
        return Octets.of(ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(number)
                .array());
    }

    /** The number of ours that bytes end with. */
    static int lastWord(Octets octets) {
        return ByteBuffer.wrap(octets.toArray()).order(ByteOrder.nativeOrder()).getInt(octets.length() - 4);
    }

    private static Octets port(int port) {
        return Octets.of(new byte[] {(byte) (port >>> 8), (byte) port, 0, 0});
    }

    private static Octets protocol(Transport transport) {
        return Octets.of(new byte[] {(byte) transport.number(), 0, 0, 0});
    }

    /** What keys of a frontend begin with. */
    static Octets of(Frontend frontend) {
        Octets behind = protocol(frontend.transport()).then(port(frontend.port()));
        return frontend.address() == null
                ? behind
                : Octets.of(frontend.address()).then(behind);
    }

    static ElementKey frontend(Frontend frontend, Octets octets) {
        return new ElementKey(frontend.address() == null ? TableSet.NODE_PORTS : TableSet.FRONTENDS, octets);
    }

    static ElementKey endpoint(Frontend frontend, Octets octets, boolean isLocal, int index) {
        return new ElementKey(TableSet.endpoints(isLocal, frontend.address() == null), octets.then(word(index)));
    }

    static ElementKey denial(Frontend frontend, Octets octets) {
        return new ElementKey(frontend.address() == null ? TableSet.NODE_PORT_DENIALS : TableSet.DENIALS, octets);
    }

    static ElementKey restricted(Octets frontend) {
        return new ElementKey(TableSet.RESTRICTED, frontend);
    }

    static ElementKey source(Octets frontend, IpPrefix range) {
        Octets first = Octets.of(range.first());
        byte[] last = first.toArray();
        for (int bit = range.length(); bit < last.length * 8; bit++) {
            last[bit >> 3] |= (byte) (0x80 >>> (bit & 7));
        }
        return new ElementKey(
                TableSet.SOURCES, frontend.then(first).then(frontend).then(Octets.of(last)));
    }

    static ElementKey kept(Transport transport, int id) {
        return new ElementKey(TableSet.KEPT_ENDPOINTS, protocol(transport).then(word(id)));
    }

    static Octets destination(Destination destination) {
        return Octets.of(destination.address()).then(port(destination.port()));
    }

    /**
     * The destination of a value.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Destination destination(Octets octets, Family family) {
        byte[] bytes = octets.toArray();
        int length = family.addressBytes();
        if (bytes.length < length + 2) {
            throw new IllegalArgumentException("an address and a port have more than " + bytes.length + " bytes");
        }
        try {
            String text = InetAddress.getByAddress(Arrays.copyOf(bytes, length)).getHostAddress();
            IpAddress address = IpAddress.parse(text);
            if (address == null || Family.of(address) != family) {
                throw new IllegalArgumentException(text + " is no address of " + family);
            }
            return new Destination(address, octets.at(length) << 8 | octets.at(length + 1));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }

    static ElementKey hairpin(IpAddress address) {
        Octets octets = Octets.of(address);
        return new ElementKey(TableSet.HAIRPIN, octets.then(octets));
    }

    static ElementKey clusterIp(IpAddress address) {
        return new ElementKey(TableSet.CLUSTER_IPS, Octets.of(address));
    }

    static ElementKey nodeAddress(IpAddress address) {
        return new ElementKey(TableSet.NODE_ADDRESSES, Octets.of(address));
    }
}
