package io.keelson.agent.network;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Speaks to the kernel about the links, addresses and routes of one network namespace, which is that in which it was opened. One
 * call at a time; each has an answer within a few seconds or fails.
 */
final class NetlinkSocket implements AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVTIMEO = 20;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int SECONDS_MAX = 5;
    private static final int BUFFER_OCTETS = 64 * 1024;

    private static final int ERROR = 2;
    private static final int DONE = 3;
    private static final int WITH_TEXT = 0x200;

    private final int socket;
    private int number;
    private boolean isClosed;

    /** Opens one in the namespace of this thread. */
    NetlinkSocket() throws IOException {
        socket = Kernel.socket(AF_NETLINK, SOCK_RAW, 0);
        try {
            byte[] time = ByteBuffer.allocate(16)
                    .order(ByteOrder.nativeOrder())
                    .putLong(SECONDS_MAX)
                    .putLong(0)
                    .array();
            Kernel.option(socket, SOL_SOCKET, SO_RCVTIMEO, time);
            byte[] yes = ByteBuffer.allocate(4)
                    .order(ByteOrder.nativeOrder())
                    .putInt(1)
                    .array();
            Kernel.option(socket, SOL_NETLINK, NETLINK_CAP_ACK, yes);
            Kernel.option(socket, SOL_NETLINK, NETLINK_EXT_ACK, yes);
        } catch (IOException e) {
            Kernel.close(socket);
            throw e;
        }
    }

    /**
     * Has something done.
     *
     * @param what for the text of an error
     * @throws Kernel.Refusal if the kernel does not do it
     */
    synchronized void change(String what, NetlinkMessage message) throws IOException {
        exchange(what, message, ignored -> {});
    }

    /**
     * Asks for something; each thing that the kernel tells of comes as its fixed part with its attributes behind.
     *
     * @throws Kernel.Refusal if the kernel does not tell
     */
    synchronized List<ByteBuffer> ask(String what, NetlinkMessage message) throws IOException {
        List<ByteBuffer> told = new ArrayList<>();
        exchange(what, message, told::add);
        return told;
    }

    private void exchange(String what, NetlinkMessage message, Consumer<ByteBuffer> told) throws IOException {
        if (isClosed) {
            throw new IOException("closed");
        }
        int mine = ++number;
        try (Arena arena = Arena.ofConfined()) {
            ByteBuffer octets = message.numbered(mine);
            MemorySegment sent = arena.allocate(octets.remaining());
            sent.asByteBuffer().put(octets);
            Kernel.send(socket, sent);
            MemorySegment buffer = arena.allocate(BUFFER_OCTETS);
            while (true) {
                long length = Kernel.receive(socket, buffer);
                byte[] came = buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
                if (isLast(what, ByteBuffer.wrap(came).order(ByteOrder.nativeOrder()), mine, told)) {
                    return;
                }
            }
        }
    }

    private static boolean isLast(String what, ByteBuffer came, int mine, Consumer<ByteBuffer> told)
            throws IOException {
        while (came.remaining() >= NetlinkMessage.HEADER_OCTETS) {
            int begin = came.position();
            int length = came.getInt(begin);
            int type = came.getShort(begin + 4);
            int flags = came.getShort(begin + 6);
            if (length < NetlinkMessage.HEADER_OCTETS || length > came.remaining()) {
                throw new IOException(what + ": the kernel's answer is cut off");
            }
            ByteBuffer body = came.slice(begin + 16, length - 16).order(ByteOrder.nativeOrder());
            // What comes late belongs to a call that was given up.
            boolean isMine = came.getInt(begin + 8) == mine;
            if (isMine && (type == ERROR || type == DONE)) {
                int error = body.remaining() >= 4 ? body.getInt(0) : 0;
                if (error != 0) {
                    String text = (flags & WITH_TEXT) != 0 && type == ERROR ? text(body) : "";
                    throw new Kernel.Refusal(-error, text.isEmpty() ? what : what + ": " + text);
                }
                return true;
            }
            if (isMine) {
                told.accept(body);
            }
            came.position(Math.min(came.limit(), begin + ((length + 3) & ~3)));
        }
        return false;
    }

    /** What the kernel says beside the number of an error. */
    private static String text(ByteBuffer error) {
        int at = 20;
        while (at + 4 <= error.limit()) {
            int length = error.getShort(at) & 0xffff;
            if (length < 4 || at + length > error.limit()) {
                return "";
            }
            if ((error.getShort(at + 2) & 0x3fff) == 1) {
                byte[] text = new byte[Math.max(0, length - 5)];
                error.get(at + 4, text);
                return new String(text, StandardCharsets.UTF_8);
            }
            at += (length + 3) & ~3;
        }
        return "";
    }

    @Override
    public synchronized void close() throws IOException {
        if (!isClosed) {
            isClosed = true;
            Kernel.close(socket);
        }
    }
}
