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

/** The few calls of the C library by which network namespaces are entered. */
final class Kernel {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle OPEN = handle("open", true, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
    private static final MethodHandle CLOSE = handle("close", false, ValueLayout.JAVA_INT);
    private static final MethodHandle SETNS = handle("setns", false, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    private static final MethodHandle UNSHARE = handle("unshare", false, ValueLayout.JAVA_INT);
    private static final MethodHandle STRERROR = LINKER.downcallHandle(
            LINKER.defaultLookup().find("strerror").orElseThrow(),
            FunctionDescriptor.of(
                    ValueLayout.ADDRESS.withTargetLayout(MemoryLayout.sequenceLayout(256, ValueLayout.JAVA_BYTE)),
                    ValueLayout.JAVA_INT));

    private static final int O_CLOEXEC = 0x80000;
    private static final int CLONE_NEWNET = 0x40000000;

    private Kernel() {}

    /** What the kernel refused. */
    static final class Refusal extends IOException {
        private static final long serialVersionUID = 1;

        Refusal(int number, String what) {
            super(what + ": " + text(number));
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
}
