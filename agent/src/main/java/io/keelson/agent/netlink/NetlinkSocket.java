package io.keelson.agent.netlink;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A netlink socket. Calls block the thread's carrier while the kernel works, which it does before {@link #send} returns; so use
 * it on a platform thread.
 */
public final class NetlinkSocket implements AutoCloseable {
    /** Routes, links and addresses. */
    public static final int ROUTE = 0;

    /** Packet filters and connection tracking. */
    public static final int NETFILTER = 12;

    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_ADD_MEMBERSHIP = 1;
    private static final int NETLINK_DROP_MEMBERSHIP = 2;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int MSG_DONTWAIT = 0x40;
    private static final short POLLIN = 1;
    private static final int RECEIVED_BYTES_MAX = 1 << 18;
    private static final int RECEIVE_BUFFER_BYTES = 8 << 20;
    private static final int SENT_BYTES_MIN = 1 << 18;

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final MethodHandle SOCKET = function("socket", FunctionDescriptor.of(INT, INT, INT, INT));
    private static final MethodHandle BIND =
            function("bind", FunctionDescriptor.of(INT, INT, ValueLayout.ADDRESS, INT));
    private static final MethodHandle NAME =
            function("getsockname", FunctionDescriptor.of(INT, INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
    private static final MethodHandle OPTION =
            function("setsockopt", FunctionDescriptor.of(INT, INT, INT, INT, ValueLayout.ADDRESS, INT));
    private static final MethodHandle SEND =
            function("send", FunctionDescriptor.of(LONG, INT, ValueLayout.ADDRESS, LONG, INT));
    private static final MethodHandle RECEIVE =
            function("recv", FunctionDescriptor.of(LONG, INT, ValueLayout.ADDRESS, LONG, INT));
    private static final MethodHandle POLL =
            function("poll", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, LONG, INT));
    private static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(INT, INT));

    private final Arena arena = Arena.ofShared();
    private final MemorySegment state = arena.allocate(STATE);
    private final MemorySegment small = arena.allocate(16, 8);
    private final MemorySegment received = arena.allocate(RECEIVED_BYTES_MAX, 8);
    private final int descriptor;
    private final int port;
    private int sendBuffer = SENT_BYTES_MIN;

    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name), descriptor, Linker.Option.captureCallState("errno"));
    }

    /**
     * Opens a socket in the network namespace of this thread.
     *
     * @param protocol {@link #ROUTE} or {@link #NETFILTER}
     * @throws NetlinkException if the kernel has none of the kind
     */
    public NetlinkSocket(int protocol) throws NetlinkException {
        int opened = -1;
        try {
            opened = (int) SOCKET.invokeExact(state, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
            check("open a netlink socket", opened);
            MemorySegment address = arena.allocate(12, 4);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_NETLINK);
            check("bind a netlink socket", (int) BIND.invokeExact(state, opened, address, 12));
            small.set(INT, 0, 12);
            check("find the port of a netlink socket", (int) NAME.invokeExact(state, opened, address, small));
            port = address.get(INT, 4);
            descriptor = opened;
            option(SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES);
            option(SOL_NETLINK, NETLINK_CAP_ACK, 1);
            option(SOL_NETLINK, NETLINK_EXT_ACK, 1);
        } catch (NetlinkException e) {
            abandon(opened);
            throw e;
        } catch (Throwable e) {
            abandon(opened);
            throw impossible(e);
        }
    }

    private void abandon(int opened) {
        if (opened >= 0) {
            try {
                int _ = (int) CLOSE.invokeExact(state, opened);
            } catch (Throwable e) {
                throw impossible(e);
            }
        }
        arena.close();
    }

    private static RuntimeException impossible(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return e instanceof RuntimeException known
                ? known
                : new IllegalStateException("a call into the C library throws nothing", e);
    }

    private long check(String what, long result) throws NetlinkException {
        if (result < 0) {
            throw new NetlinkException(what, (int) ERRNO.get(state, 0L));
        }
        return result;
    }

    /** Best effort: without the right to it the kernel's own limits stay. */
    private void option(int level, int name, int value) {
        try {
            small.set(INT, 0, value);
            int _ = (int) OPTION.invokeExact(state, descriptor, level, name, small, 4);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** The number by which the kernel knows this socket, as {@link NetlinkMessage#sender} says it. */
    public int port() {
        return port;
    }

    /** Is told from now on what the kernel tells a group. Any thread. */
    public void join(int group) throws NetlinkException {
        membership("join a netlink group", NETLINK_ADD_MEMBERSHIP, group);
    }

    /** Is not told any more what the kernel tells a group. Any thread. */
    public void leave(int group) throws NetlinkException {
        membership("leave a netlink group", NETLINK_DROP_MEMBERSHIP, group);
    }

    private void membership(String what, int name, int group) throws NetlinkException {
        try (Arena own = Arena.ofConfined()) {
            MemorySegment failure = own.allocate(STATE);
            MemorySegment value = own.allocateFrom(INT, group);
            if ((int) OPTION.invokeExact(failure, descriptor, SOL_NETLINK, name, value, 4) < 0) {
                throw new NetlinkException(what, (int) ERRNO.get(failure, 0L));
            }
        } catch (NetlinkException e) {
            throw e;
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Sends messages, all as one; when it returns the kernel has worked on them, and its answers can be read. */
    public void send(byte[] messages) throws NetlinkException {
        if (messages.length > sendBuffer / 2) {
            sendBuffer = Math.addExact(Math.multiplyExact(messages.length, 2), SENT_BYTES_MIN);
            option(SOL_SOCKET, SO_SNDBUFFORCE, sendBuffer);
        }
        try (Arena sent = Arena.ofConfined()) {
            MemorySegment copy = sent.allocate(messages.length, 8);
            MemorySegment.copy(messages, 0, copy, ValueLayout.JAVA_BYTE, 0, messages.length);
            check("send to the kernel", (long) SEND.invokeExact(state, descriptor, copy, (long) messages.length, 0));
        } catch (NetlinkException e) {
            throw e;
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /**
     * The next messages; their bodies are theirs.
     *
     * @param millis how long to wait for them, 0 for not at all
     * @return empty if there are none by then
     * @throws NetlinkException {@link Errno#ENOBUFS} if some were lost
     */
    public List<NetlinkMessage> receive(int millis) throws NetlinkException {
        try {
            if (millis > 0 && !waitFor(millis)) {
                return List.of();
            }
            long count = (long) RECEIVE.invokeExact(state, descriptor, received, received.byteSize(), MSG_DONTWAIT);
            if (count < 0) {
                int error = (int) ERRNO.get(state, 0L);
                if (error == Errno.EAGAIN || error == Errno.EINTR) {
                    return List.of();
                }
                throw new NetlinkException("read from the kernel", error);
            }
            byte[] copy = received.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
            return NetlinkMessage.in(ByteBuffer.wrap(copy).order(ByteOrder.nativeOrder()));
        } catch (NetlinkException e) {
            throw e;
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    private boolean waitFor(int millis) throws Throwable {
        small.set(INT, 0, descriptor);
        small.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
        small.set(ValueLayout.JAVA_SHORT, 6, (short) 0);
        return (int) POLL.invokeExact(state, small, 1L, millis) > 0;
    }

    @Override
    public void close() {
        try {
            int _ = (int) CLOSE.invokeExact(state, descriptor);
        } catch (Throwable e) {
            throw impossible(e);
        }
        arena.close();
    }
}
