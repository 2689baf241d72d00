package io.keelson.kvstore.apply;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A command as it stands in the log: one byte kind, one byte flags, the user when authentication is on, and the payload,
 * which for most kinds is the request exactly as the client sent it.
 *
 * @param kind what to do
 * @param user who asks; empty when authentication is off, and for the system's own commands
 * @param authRevision revision of users and roles under which the request was let in; 0 when authentication is off
 * @param payload see {@link CommandKind}
 */
public record Command(CommandKind kind, String user, long authRevision, ByteBuffer payload) {
    /** The longest user name that fits into a command, in bytes of UTF-8. */
    public static final int USER_BYTES_MAX = 0xffff;

    private static final int FLAG_USER = 1;

    /** A command that asks in nobody's name. */
    public static Command of(CommandKind kind, byte[] payload) {
        return new Command(kind, "", 0, ByteBuffer.wrap(payload));
    }

    /**
     * The command's bytes.
     *
     * @throws IllegalArgumentException if the user's name is longer than {@link #USER_BYTES_MAX}
     */
    public byte[] encode() {
        byte[] name = user.getBytes(StandardCharsets.UTF_8);
        if (name.length > USER_BYTES_MAX) {
            throw new IllegalArgumentException("a user name of " + name.length + " bytes does not fit into a command");
        }
        boolean withUser = name.length > 0 || authRevision != 0;
        ByteBuffer out = ByteBuffer.allocate(2 + (withUser ? 10 + name.length : 0) + payload.remaining());
        out.put((byte) kind.code());
        out.put((byte) (withUser ? FLAG_USER : 0));
        if (withUser) {
            out.putLong(authRevision).putShort((short) name.length).put(name);
        }
        out.put(payload.duplicate());
        return out.array();
    }

    /**
     * Reads a command.
     *
     * @throws IllegalArgumentException for a kind or form that this version does not know: the log was written by a
     *     newer one
     */
    public static Command decode(ByteBuffer bytes) {
        ByteBuffer in = bytes.duplicate();
        try {
            int code = in.get();
            CommandKind kind = CommandKind.ofCode(code);
            if (kind == null) {
                throw new IllegalArgumentException("unknown kind of command " + code + " in the log");
            }
            int flags = in.get();
            if ((flags & ~FLAG_USER) != 0) {
                throw new IllegalArgumentException("unknown flags " + flags + " of a command in the log");
            }
            if ((flags & FLAG_USER) == 0) {
                return new Command(kind, "", 0, in.slice());
            }
            long authRevision = in.getLong();
            byte[] name = new byte[in.getShort() & 0xffff];
            in.get(name);
            return new Command(kind, new String(name, StandardCharsets.UTF_8), authRevision, in.slice());
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("a command in the log is cut short", e);
        }
    }
}
