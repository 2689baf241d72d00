package io.keelson.agent.network;

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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The few calls of the C library by which namespaces are entered and the kernel is spoken to about networks. */
final class Kernel {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle OPEN = handle("open", true, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
    private static final MethodHandle CLOSE = handle("close", false, ValueLayout.JAVA_INT);
    private static final MethodHandle SETNS = handle("setns", false, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    private static final MethodHandle UNSHARE = handle("unshare", false, ValueLayout.JAVA_INT);
    private static final MethodHandle SOCKET =
            handle("socket", false, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    private static final MethodHandle SETSOCKOPT = handle(
            "setsockopt",
            false,
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_INT);
    private static final MethodHandle SEND = transfer("send");
    private static final MethodHandle RECV = transfer("recv");
    private static final MethodHandle STRERROR = LINKER.downcallHandle(
            LINKER.defaultLookup().find("strerror").orElseThrow(),
            FunctionDescriptor.of(
                    ValueLayout.ADDRESS.withTargetLayout(MemoryLayout.sequenceLayout(256, ValueLayout.JAVA_BYTE)),
                    ValueLayout.JAVA_INT));

    private static final int O_CLOEXEC = 0x80000;
    private static final int CLONE_NEWNET = 0x40000000;

    static final int EEXIST = 17;
    static final int ENODEV = 19;
    static final int ENOENT = 2;
    static final int ESRCH = 3;

    private Kernel() {}

    /** What the kernel refused, and by which number. */
    static final class Refusal extends IOException {
        private static final long serialVersionUID = 1;

        private final int number;

        Refusal(int number, String what) {
            super(what + ": " + text(number));
            this.number = number;
        }

        int number() {
            return number;
        }
    }

    private static MethodHandle handle(String name, boolean variadic, MemoryLayout... arguments) {
        FunctionDescriptor descriptor = FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments);
        return variadic
                ? LINKER.downcallHandle(
                        LINKER.defaultLookup().find(name).orElseThrow(),
                        descriptor,
                        Linker.Option.captureCallState("errno"),
                        Linker.Option.firstVariadicArg(2))
                : LINKER.downcallHandle(
                        LINKER.defaultLookup().find(name).orElseThrow(),
                        descriptor,
                        Linker.Option.captureCallState("errno"));
    }

    private static MethodHandle transfer(String name) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().find(name).orElseThrow(),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT),
                Linker.Option.captureCallState("errno"));
    }

    private static String text(int number) {
        try {
            MemorySegment text = (MemorySegment) STRERROR.invokeExact(number);
            return text.getString(0);
        } catch (Throwable e) {
            return "error " + number;
        }
    }

    /** A call whose negative result means a refusal. */
    @FunctionalInterface
    private interface Call {
        long make(MemorySegment state) throws Throwable;
    }

    private static long checked(String what, Call call) throws Refusal {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long result = call.make(state);
            if (result < 0) {
                throw new Refusal((int) ERRNO.get(state, 0L), what);
            }
            return result;
        } catch (Refusal e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("calling the C library", e);
        }
    }

    /** Opens a file to read; the descriptor is closed when a program is started. */
    static int open(Path file) throws Refusal {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(file.toString(), StandardCharsets.UTF_8);
            return (int) checked(file.toString(), state -> (int) OPEN.invokeExact(state, name, O_CLOEXEC));
        }
    }

    static void close(int descriptor) throws Refusal {
        long _ = checked("close", state -> (int) CLOSE.invokeExact(state, descriptor));
    }

    /** Puts this thread, of the machine's own, into a network namespace for the rest of its life. */
    static void enterNetwork(int descriptor) throws Refusal {
        long _ = checked(
                "entering a network namespace", state -> (int) SETNS.invokeExact(state, descriptor, CLONE_NEWNET));
    }

    /** Puts this thread, of the machine's own, into a new network namespace for the rest of its life. */
    static void leaveNetwork() throws Refusal {
        long _ = checked("making a network namespace", state -> (int) UNSHARE.invokeExact(state, CLONE_NEWNET));
    }

    static int socket(int domain, int type, int protocol) throws Refusal {
        return (int) checked("socket", state -> (int) SOCKET.invokeExact(state, domain, type | O_CLOEXEC, protocol));
    }

    static void option(int socket, int level, int option, byte[] value) throws Refusal {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment given = arena.allocateFrom(ValueLayout.JAVA_BYTE, value);
            long _ = checked("setsockopt", state ->
                    (int) SETSOCKOPT.invokeExact(state, socket, level, option, given, value.length));
        }
    }

    static void send(int socket, MemorySegment message) throws Refusal {
        long _ = checked("send", state -> (long) SEND.invokeExact(state, socket, message, message.byteSize(), 0));
    }

    /** Waits for a message, and returns how many octets of it came. */
    static long receive(int socket, MemorySegment buffer) throws Refusal {
        return checked("recv", state -> (long) RECV.invokeExact(state, socket, buffer, buffer.byteSize(), 0));
    }
}
