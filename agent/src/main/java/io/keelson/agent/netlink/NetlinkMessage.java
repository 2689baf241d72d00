package io.keelson.agent.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A message that the kernel sent.
 *
 * @param type with the subsystem in its upper byte
 * @param flags of netlink
 * @param sequence of the message that it answers
 * @param sender the port of the socket that caused it; 0 for the kernel itself
 * @param body what is behind the header
 */
public record NetlinkMessage(int type, int flags, int sequence, int sender, ByteBuffer body) {
    /** The answer to a message that asked for one, or that failed. */
    public static final int ERROR = 2;

    /** The end of a list. */
    public static final int DONE = 3;

    /** Set where a list was changed while it was read. */
    public static final int FLAG_INTERRUPTED = 0x10;

    private static final int NETFILTER_HEADER_BYTES = 4;
    private static final int FLAG_CAPPED = 0x100;
    private static final int FLAG_TEXT = 0x200;
    private static final int TEXT_FROM = 20;
    private static final int TEXT = 1;

    /** All messages that a packet from the kernel holds; what is damaged ends them. */
    static List<NetlinkMessage> in(ByteBuffer packet) {
        ByteBuffer buffer = packet.slice().order(ByteOrder.nativeOrder());
        List<NetlinkMessage> messages = new ArrayList<>();
        int at = 0;
        while (buffer.limit() - at >= NetlinkWriter.HEADER_BYTES) {
            int length = buffer.getInt(at);
            if (length < NetlinkWriter.HEADER_BYTES || length > buffer.limit() - at) {
                break;
            }
            messages.add(new NetlinkMessage(
                    buffer.getShort(at + 4) & 0xffff,
                    buffer.getShort(at + 6) & 0xffff,
                    buffer.getInt(at + 8),
                    buffer.getInt(at + 12),
                    buffer.slice(at + NetlinkWriter.HEADER_BYTES, length - NetlinkWriter.HEADER_BYTES)
                            .order(ByteOrder.nativeOrder())));
            at += length + 3 & ~3;
        }
        return messages;
    }

    /** The number of the error that an {@link #ERROR} tells of, or that ended a list; 0 for none. */
    public int error() {
        return body.limit() < 4 ? 0 : -body.getInt(0);
    }

    /** Whether it ends the answers to a message. */
    boolean isLast() {
        return type == ERROR || type == DONE;
    }

    /** The error as an exception, with what the kernel says to it. */
    NetlinkException refusal(String what) {
        boolean hasText = type == ERROR && (flags & FLAG_TEXT) != 0 && (flags & FLAG_CAPPED) != 0;
        String text = hasText ? attributes(TEXT_FROM).text(TEXT) : "";
        return new NetlinkException(text.isEmpty() ? what : what + ": " + text, error());
    }

    /** The attributes of a message of netfilter. */
    public Attributes attributes() {
        return attributes(NETFILTER_HEADER_BYTES);
    }

    /**
     * The attributes of a message.
     *
     * @param from where they begin, behind its fixed part
     */
    public Attributes attributes(int from) {
        return body.limit() < from
                ? Attributes.of(ByteBuffer.allocate(0))
                : Attributes.of(body.slice(from, body.limit() - from));
    }
}
