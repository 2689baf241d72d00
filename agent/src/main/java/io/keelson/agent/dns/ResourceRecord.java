package io.keelson.agent.dns;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a name.
 *
 * @param name whose it is
 * @param type a {@link RecordType}
 * @param group the class; 1 is the Internet's
 * @param seconds how long it may be remembered; not negative
 * @param data as its type has it, names in it uncompressed; not to be changed
 */
record ResourceRecord(DnsName name, int type, int group, int seconds, byte[] data) {
    private static final int TEXT_OCTETS_MAX = 255;

    private static ResourceRecord of(DnsName name, int type, int seconds, byte[] data) {
        return new ResourceRecord(name, type, Question.INTERNET, seconds, data);
    }

    /** An A record of four octets, or an AAAA record of sixteen. */
    static ResourceRecord address(DnsName name, int seconds, byte[] address) {
        return of(name, address.length == 4 ? RecordType.A : RecordType.AAAA, seconds, address);
    }

    static ResourceRecord cname(DnsName name, int seconds, DnsName target) {
        return of(name, RecordType.CNAME, seconds, target.wire());
    }

    static ResourceRecord ptr(DnsName name, int seconds, DnsName target) {
        return of(name, RecordType.PTR, seconds, target.wire());
    }

    static ResourceRecord ns(DnsName name, int seconds, DnsName server) {
        return of(name, RecordType.NS, seconds, server.wire());
    }

    static ResourceRecord srv(DnsName name, int seconds, int weight, int port, DnsName target) {
        ByteBuffer data = ByteBuffer.allocate(6 + target.length());
        data.putShort((short) 0).putShort((short) weight).putShort((short) port).put(target.wire());
        return of(name, RecordType.SRV, seconds, data.array());
    }

    /** A text of at most 255 octets. */
    static ResourceRecord txt(DnsName name, int seconds, String text) {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        if (octets.length > TEXT_OCTETS_MAX) {
            throw new IllegalArgumentException("a text has at most " + TEXT_OCTETS_MAX + " octets");
        }
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        data.write(octets.length);
        data.writeBytes(octets);
        return of(name, RecordType.TXT, seconds, data.toByteArray());
    }

    /**
     * The begin of a zone.
     *
     * @param serial grows with each change of the zone
     * @param negativeSeconds how long it may be remembered that there is nothing
     */
    static ResourceRecord soa(
            DnsName zone, int seconds, DnsName server, DnsName mailbox, int serial, int negativeSeconds) {
        ByteBuffer data = ByteBuffer.allocate(server.length() + mailbox.length() + 20);
        data.put(server.wire()).put(mailbox.wire());
        data.putInt(serial).putInt(7200).putInt(1800).putInt(86_400).putInt(negativeSeconds);
        return of(zone, RecordType.SOA, seconds, data.array());
    }

    /** The name that the data of a CNAME, PTR, NS or DNAME record is. */
    DnsName target() {
        return DnsName.ofWire(data);
    }

    /** The last field of an SOA record: how long it may be remembered that there is nothing. */
    int negativeSeconds() {
        return data.length < 4 ? 0 : Math.max(0, ByteBuffer.wrap(data).getInt(data.length - 4));
    }

    /** The same with another time. */
    ResourceRecord lasting(int other) {
        return other == seconds ? this : new ResourceRecord(name, type, group, other, data);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ResourceRecord record
                && name.equals(record.name)
                && type == record.type
                && group == record.group
                && seconds == record.seconds
                && Arrays.equals(data, record.data);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * name.hashCode() + type) + Arrays.hashCode(data);
    }
}
