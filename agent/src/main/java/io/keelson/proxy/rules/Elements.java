package io.keelson.proxy.rules;

import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Keys and values as the kernel has them. Each part begins at a multiple of four bytes; addresses and ports are in the network's
 * order, numbers of ours in the machine's.
 */
public final class Elements {
    /** In the lowest byte of a group: endpoints of the whole cluster. */
    public static final int CLUSTER = 0;

    /** In the lowest byte of a group: endpoints of this node. */
    public static final int LOCAL = 1;

    /** The bits of a frontend's flags that hold its {@link Treatment}. */
    public static final int TREATMENT_MASK = 3;

    /** Where a frontend's flags hold its {@link Denial}. */
    public static final int DENIAL_SHIFT = 2;

    /** The bits of a frontend's flags that hold its {@link Denial}. */
    public static final int DENIAL_MASK = 3 << DENIAL_SHIFT;

    /** The flag of a frontend to which not everybody may come. */
    public static final int RESTRICTED = 16;

    /** Where the number of a Service's port begins. */
    public static final int SERIAL_SHIFT = 8;

    /** How many ports of Services there may be. */
    public static final int SERIALS = 1 << 24;

    private Elements() {}

    /** A number of ours. */
    public static Octets word(int number) {
        return Octets.of(ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(number)
                .array());
    }

    /** The number of ours at the begin of some bytes. */
    public static int word(Octets octets) {
        return ByteBuffer.wrap(octets.toArray()).order(ByteOrder.nativeOrder()).getInt();
    }

    private static Octets port(int port) {
        return Octets.of(new byte[] {(byte) (port >>> 8), (byte) port, 0, 0});
    }

    private static Octets protocol(Transport transport) {
        return Octets.of(new byte[] {(byte) transport.number(), 0, 0, 0});
    }

    static ElementKey frontend(Family family, Frontend frontend) {
        return new ElementKey(TableSet.FRONTENDS, frontendOctets(family, frontend));
    }

    /** Node ports are at the address of zeros, which no packet is sent to. */
    private static Octets frontendOctets(Family family, Frontend frontend) {
        IpAddress address = frontend.address();
        Octets where = address == null ? Octets.of(new byte[family.addressBytes()]) : Octets.of(address);
        return where.then(protocol(frontend.transport())).then(port(frontend.port()));
    }

    static ElementValue frontendValue(int serial, FrontendRule rule, String comment) {
        int flags = rule.treatment().number()
                | rule.denial().number() << DENIAL_SHIFT
                | (rule.sources() == null ? 0 : RESTRICTED);
        return new ElementValue(word(serial << SERIAL_SHIFT | flags), "", comment);
    }

    static ElementKey source(Family family, Frontend frontend, IpPrefix range) {
        Octets at = frontendOctets(family, frontend);
        Octets first = Octets.of(range.first());
        byte[] last = first.toArray();
        for (int bit = range.length(); bit < last.length * 8; bit++) {
            last[bit >> 3] |= (byte) (0x80 >>> (bit & 7));
        }
        return new ElementKey(TableSet.SOURCES, at.then(first).then(at).then(Octets.of(last)));
    }

    static int group(int serial, int which) {
        return serial << SERIAL_SHIFT | which;
    }

    static ElementKey group(int group) {
        return new ElementKey(TableSet.GROUPS, word(group));
    }

    static ElementKey endpoint(int group, int index) {
        return new ElementKey(TableSet.ENDPOINTS, word(group).then(word(index)));
    }

    static ElementValue destination(Destination destination) {
        return ElementValue.of(destinationOctets(destination));
    }

    private static Octets destinationOctets(Destination destination) {
        return Octets.of(destination.address()).then(port(destination.port()));
    }

    static ElementKey kept(int group, Destination destination) {
        return new ElementKey(TableSet.KEPT, word(group).then(destinationOctets(destination)));
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
