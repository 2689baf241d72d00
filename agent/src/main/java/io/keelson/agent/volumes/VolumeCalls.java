package io.keelson.agent.volumes;

import io.keelson.agent.embedded.Libc;
import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What volumes need of the C library besides {@link Libc}: a folder's entries by descriptor, whatever bytes their
 * names are; links; renaming; and a way into a folder that nothing inside of it can lead out of.
 */
final class VolumeCalls {
    /** Flag for unmounting: the path is no link. */
    static final int UMOUNT_NOFOLLOW = 8;

    /** Something would lead out of the folder. */
    static final int EXDEV = 18;

    static final int EAGAIN = 11;
    static final int EBUSY = 16;

    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int O_CLOEXEC = 0x80000;
    private static final long SYS_OPENAT2 = 437;
    private static final long RESOLVE_NO_MAGICLINKS = 2;
    private static final long RESOLVE_BENEATH = 8;
    private static final int BENEATH_TRIES = 128;
    private static final int NAME_BYTES_MAX = 4096;
    /** Where a name begins in what {@code readdir} returns, on 64 bits. */
    private static final long ENTRY_NAME = 19;

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final AddressLayout ENTRY =
            ValueLayout.ADDRESS.withTargetLayout(MemoryLayout.sequenceLayout(ENTRY_NAME + 256, ValueLayout.JAVA_BYTE));

    private static final MethodHandle FDOPENDIR =
            function("fdopendir", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    private static final MethodHandle READDIR = function("readdir", FunctionDescriptor.of(ENTRY, ValueLayout.ADDRESS));
    private static final MethodHandle CLOSEDIR =
            function("closedir", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
    private static final MethodHandle READLINKAT = function(
            "readlinkat",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_LONG));
    private static final MethodHandle RENAMEAT = function(
            "renameat",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS));
    private static final MethodHandle FCHOWNAT = function(
            "fchownat",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT));
    private static final MethodHandle SYSCALL = function(
            "syscall",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.ADDRESS,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_LONG));

    private VolumeCalls() {}

    /** A refusal of the kernel, by the error's number. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1;
        private final int error;

        private Refused(String what, int error) {
            super(what + ": error " + error);
            this.error = error;
        }

        int error() {
            return error;
        }
    }

    /** The entries of a folder, one after the other, without {@code .} and {@code ..}. One thread. */
    static final class Entries implements AutoCloseable {
        private static final byte[] THIS = {'.'};
        private static final byte[] PARENT = {'.', '.'};

        private final MemorySegment stream;

        /** Reads from the beginning. The descriptor stays the caller's. */
        Entries(int folder) throws IOException {
            // The library closes what it is given.
            int own = Libc.openAt(folder, Libc.bytes("."), Libc.O_RDONLY | Libc.O_DIRECTORY, 0);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment state = arena.allocate(STATE);
                stream = (MemorySegment) FDOPENDIR.invokeExact(state, own);
                if (stream.address() == 0) {
                    Libc.close(own);
                    throw refused("opendir", state);
                }
            } catch (Throwable failure) {
                throw unexpected(failure);
            }
        }

        /** The next name; null if there are no more. */
        byte @Nullable [] next() throws IOException {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment state = arena.allocate(STATE);
                while (true) {
                    ERRNO.set(state, 0L, 0);
                    MemorySegment entry = (MemorySegment) READDIR.invokeExact(state, stream);
                    if (entry.address() == 0) {
                        return null;
                    }
                    // No further than the name goes: the entry may be the last of its memory.
                    int end = 0;
                    while (entry.get(ValueLayout.JAVA_BYTE, ENTRY_NAME + end) != 0) {
                        end++;
                    }
                    byte[] name = entry.asSlice(ENTRY_NAME, end).toArray(ValueLayout.JAVA_BYTE);
                    if (!Arrays.equals(name, THIS) && !Arrays.equals(name, PARENT)) {
                        return name;
                    }
                }
            } catch (Throwable failure) {
                throw unexpected(failure);
            }
        }

        @Override
        public void close() {
            try (Arena arena = Arena.ofConfined()) {
                int _ = (int) CLOSEDIR.invokeExact(arena.allocate(STATE), stream);
            } catch (RuntimeException | Error failure) {
                throw failure;
            } catch (Throwable failure) {
                throw new IllegalStateException("a call into the C library throws nothing", failure);
            }
        }
    }

    /** What a link says; null if there is no file of that name, or it is no link. */
    static byte @Nullable [] readLink(int folder, byte[] name) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment target = arena.allocate(NAME_BYTES_MAX);
            long length = (long) READLINKAT.invokeExact(state, folder, string(arena, name), target, target.byteSize());
            if (length < 0) {
                int error = (int) ERRNO.get(state, 0L);
                if (error == Libc.ENOENT || error == Libc.EINVAL) {
                    return null;
                }
                throw new Refused("readlink", error);
            }
            return target.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    /** Gives a file another name, in place of another file of that name. */
    static void rename(int fromFolder, byte[] from, int toFolder, byte[] to) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int result =
                    (int) RENAMEAT.invokeExact(state, fromFolder, string(arena, from), toFolder, string(arena, to));
            if (result != 0) {
                throw refused("rename", state);
            }
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    /** Changes owner and group of what is held; -1 leaves one as it is. */
    static void own(Descriptor file, int user, int group) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int result = (int)
                    FCHOWNAT.invokeExact(state, file.number(), string(arena, new byte[0]), user, group, AT_EMPTY_PATH);
            if (result != 0) {
                throw refused("chown", state);
            }
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    /**
     * Opens what is under a folder. Links are followed as long as they stay inside; one that is absolute, or leads out
     * at any time, is refused with {@link #EXDEV}, whoever changes what meanwhile. Linux 5.6.
     */
    static Descriptor openBeneath(Descriptor folder, byte[] path, int flags) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment how = arena.allocate(24, 8);
            how.set(ValueLayout.JAVA_LONG, 0, (long) flags | O_CLOEXEC);
            how.set(ValueLayout.JAVA_LONG, 16, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
            MemorySegment state = arena.allocate(STATE);
            MemorySegment name = string(arena, path);
            for (int tries = 1; ; tries++) {
                long result = (long)
                        SYSCALL.invokeExact(state, SYS_OPENAT2, (long) folder.number(), name, how, how.byteSize());
                if (result >= 0) {
                    return new Descriptor((int) result);
                }
                // A path that goes up while something is renamed cannot be judged, and is to be tried again.
                if ((int) ERRNO.get(state, 0L) != EAGAIN || tries == BENEATH_TRIES) {
                    throw refused("open", state);
                }
            }
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    private static MethodHandle function(String name, FunctionDescriptor shape) {
        Linker linker = Linker.nativeLinker();
        Linker.Option[] options = "syscall".equals(name)
                ? new Linker.Option[] {Linker.Option.captureCallState("errno"), Linker.Option.firstVariadicArg(1)}
                : new Linker.Option[] {Linker.Option.captureCallState("errno")};
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), shape, options);
    }

    private static MemorySegment string(Arena arena, byte[] bytes) {
        MemorySegment copy = arena.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return copy;
    }

    private static Refused refused(String what, MemorySegment state) {
        return new Refused(what, (int) ERRNO.get(state, 0L));
    }

    private static IOException unexpected(Throwable failure) {
        if (failure instanceof RuntimeException problem) {
            throw problem;
        }
        if (failure instanceof Error problem) {
            throw problem;
        }
        return failure instanceof IOException refused
                ? refused
                : new IOException("a call into the C library throws nothing", failure);
    }
}
