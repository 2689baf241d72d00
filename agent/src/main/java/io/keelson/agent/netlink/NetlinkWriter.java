package io.keelson.agent.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes netlink messages one after the other into memory that grows. A message is begun, gets a fixed part and attributes,
 * nested ones too, and is ended; numbers of attributes are in the network's order unless said otherwise.
 */
public final class NetlinkWriter {
    /** The bytes of a message's header. */
    public static final int HEADER_BYTES = 16;

    private static final int ATTRIBUTE_BYTES = 4;
    private static final int ATTRIBUTE_BYTES_MAX = 0xffff;
    private static final int NESTED = 0x8000;

    private byte[] bytes = new byte[4096];
    private ByteBuffer buffer = wrap(bytes);
    private int sequence;
    private int message = -1;

    /** @param sequence of the first message; each has the next one */
    public NetlinkWriter(int sequence) {
        this.sequence = sequence;
    }

    private static ByteBuffer wrap(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }

    private void need(int more) {
        if (buffer.remaining() < more) {
            int at = buffer.position();
            bytes = Arrays.copyOf(bytes, Math.max(Math.multiplyExact(bytes.length, 2), Math.addExact(at, more)));
            buffer = wrap(bytes);
            buffer.position(at);
        }
    }

    /**
     * Begins a message.
     *
     * @param type with the subsystem in its upper byte
     * @return its sequence number
     */
    public int begin(int type, int flags) {
        if (message >= 0) {
            throw new IllegalStateException("a message is being written");
        }
        need(HEADER_BYTES);
        message = buffer.position();
        buffer.putInt(0)
                .putShort((short) type)
                .putShort((short) flags)
                .putInt(sequence)
                .putInt(0);
        return sequence++;
    }

    /** The fixed part of netfilter's messages. */
    public NetlinkWriter netfilterHeader(int family, int resource) {
        need(4);
        buffer.put((byte) family).put((byte) 0).put((byte) (resource >>> 8)).put((byte) resource);
        return this;
    }

    /** Bytes as they are, behind the header or in an attribute that is open. */
    public NetlinkWriter raw(byte[] part) {
        need(part.length);
        buffer.put(part);
        return this;
    }

    /** Ends the message. */
    public void end() {
        pad();
        buffer.putInt(message, buffer.position() - message);
        message = -1;
    }

    private void pad() {
        int missing = -buffer.position() & 3;
        need(missing);
        for (int i = 0; i < missing; i++) {
            buffer.put((byte) 0);
        }
    }

    private int open(int type) {
        pad();
        need(ATTRIBUTE_BYTES);
        int at = buffer.position();
        buffer.putShort((short) 0).putShort((short) type);
        return at;
    }

    private NetlinkWriter close(int at) {
        int length = buffer.position() - at;
        if (length > ATTRIBUTE_BYTES_MAX) {
            throw new IllegalStateException("an attribute of " + length + " bytes");
        }
        buffer.putShort(at, (short) length);
        pad();
        return this;
    }

    /** An attribute of bytes. */
    public NetlinkWriter bytes(int type, byte[] value) {
        int at = open(type);
        raw(value);
        return close(at);
    }

    /** An attribute of a text with a zero behind it. */
    public NetlinkWriter text(int type, String value) {
        int at = open(type);
        raw(value.getBytes(StandardCharsets.UTF_8)).raw(new byte[1]);
        return close(at);
    }

    /** An attribute of one byte. */
    public NetlinkWriter number8(int type, int value) {
        return bytes(type, new byte[] {(byte) value});
    }

    /** An attribute of two bytes. */
    public NetlinkWriter number16(int type, int value) {
        return bytes(type, new byte[] {(byte) (value >>> 8), (byte) value});
    }

    /** An attribute of four bytes. */
    public NetlinkWriter number32(int type, int value) {
        int at = open(type);
        need(4);
        buffer.put((byte) (value >>> 24))
                .put((byte) (value >>> 16))
                .put((byte) (value >>> 8))
                .put((byte) value);
        return close(at);
    }

    /** An attribute of four bytes in the machine's order, as those of links, addresses and routes are. */
    public NetlinkWriter native32(int type, int value) {
        int at = open(type);
        need(4);
        buffer.putInt(value);
        return close(at);
    }

    /** An attribute of eight bytes. */
    public NetlinkWriter number64(int type, long value) {
        int at = open(type);
        need(8);
        for (int shift = 56; shift >= 0; shift -= 8) {
            buffer.put((byte) (value >>> shift));
        }
        return close(at);
    }

    /** Opens an attribute that holds others. */
    public int nest(int type) {
        return open(type | NESTED);
    }

    /** Closes what {@link #nest} opened. */
    public NetlinkWriter unnest(int at) {
        return close(at);
    }

    /** How many bytes an attribute that is open has so far. */
    public int size(int at) {
        return buffer.position() - at;
    }

    /** How many bytes there are. */
    public int size() {
        return buffer.position();
    }

    /** The sequence number of the next message. */
    public int sequence() {
        return sequence;
    }

    /** All that was written. */
    public byte[] written() {
        return Arrays.copyOf(bytes, buffer.position());
    }
}
