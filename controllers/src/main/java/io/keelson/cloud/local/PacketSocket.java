package io.keelson.cloud.local;

import java.io.IOException;
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

/** Sends packets by their hardware addresses, as Java's own sockets cannot: a packet socket of Linux. */
final class PacketSocket {
    private static final int AF_PACKET = 17;
    private static final int SOCK_DGRAM = 2;
    private static final int ADDRESS_BYTES = 20;
    private static final int EPERM = 1;

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SOCKET = function(
            "socket",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle SEND_TO = function(
            "sendto",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_INT));
    private static final MethodHandle CLOSE =
            function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private PacketSocket() {}

    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name), descriptor, Linker.Option.captureCallState("errno"));
    }

    /**
     * Sends a packet.
     *
     * @param interfaceIndex at which interface
     * @throws IOException if the machine refuses; it needs CAP_NET_RAW
     */
    static void send(int interfaceIndex, Announcement announcement) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int socket = (int) SOCKET.invokeExact(state, AF_PACKET, SOCK_DGRAM, 0);
            if (socket < 0) {
                throw refusal(state);
            }
            try {
                MemorySegment address = copy(arena, address(interfaceIndex, announcement));
                MemorySegment packet = copy(arena, announcement.packet());
                long sent =
                        (long) SEND_TO.invokeExact(state, socket, packet, packet.byteSize(), 0, address, ADDRESS_BYTES);
                if (sent != packet.byteSize()) {
                    throw refusal(state);
                }
            } finally {
                int _ = (int) CLOSE.invokeExact(state, socket);
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a call into the C library throws nothing", e);
        }
    }

    private static MemorySegment copy(Arena arena, byte[] bytes) {
        return arena.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
    }

    /** A sockaddr_ll. */
    private static byte[] address(int interfaceIndex, Announcement announcement) {
        ByteBuffer address = ByteBuffer.allocate(ADDRESS_BYTES).order(ByteOrder.nativeOrder());
        address.putShort((short) AF_PACKET);
        // The protocol alone is in the network's order.
        address.put((byte) (announcement.protocol() >>> 8)).put((byte) announcement.protocol());
        address.putInt(interfaceIndex);
        address.putShort((short) 0).put((byte) 0).put((byte) announcement.destination().length);
        address.put(announcement.destination());
        return address.array();
    }

    private static IOException refusal(MemorySegment state) {
        int error = (int) ERRNO.get(state, 0L);
        return new IOException(
                error == EPERM ? "Operation not permitted: it needs root, or CAP_NET_RAW" : "error " + error);
    }
}
