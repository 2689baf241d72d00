package io.keelson.raft.log;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * An ext4 file system in an image file, whose power can be cut: what was synced stays, what was only written is gone.
 *
 * <p>The cut is the file system's own shutdown call ({@code EXT4_IOC_SHUTDOWN} without flushing the journal): from then
 * on every call to the file system fails, and nothing that was in memory reaches the image. Mounting the image again
 * replays the journal, as after a real power cut. Needs root and loop devices.
 */
public final class PowerCutDisk implements AutoCloseable {
    /** {@code _IOR('X', 125, __u32)}. */
    private static final long EXT4_IOC_SHUTDOWN = 0x8004587dL;

    private static final int WITHOUT_FLUSHING_THE_LOG = 2;
    private static final Duration UNMOUNT_TIMEOUT = Duration.ofSeconds(20);

    private final Path image;
    private final Path mountPoint;
    private boolean mounted;

    private PowerCutDisk(Path image, Path mountPoint) {
        this.image = image;
        this.mountPoint = mountPoint;
    }

    /** Skips the test unless this machine can mount. */
    public static void assumePossible() throws IOException {
        assumeTrue(isRoot(), "mounting a disk of one's own needs root");
        assumeTrue(
                Files.exists(Path.of("/dev/loop-control")) && Files.exists(Path.of("/sbin/mkfs.ext4")),
                "mounting a disk of one's own needs loop devices and mkfs.ext4");
    }

    static boolean isRoot() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    }

    /** Makes and mounts a disk; image and mount point are made in a directory of another file system. */
    public static PowerCutDisk create(Path directory, int sizeMib) throws IOException {
        PowerCutDisk disk = new PowerCutDisk(directory.resolve("disk.img"), directory.resolve("disk"));
        Files.createDirectories(disk.mountPoint);
        run("truncate", "-s", sizeMib + "M", disk.image.toString());
        run("mkfs.ext4", "-q", "-F", disk.image.toString());
        disk.mount();
        return disk;
    }

    /** Where the disk's files are. */
    public Path path() {
        return mountPoint;
    }

    public void mount() throws IOException {
        run("mount", "-o", "loop", image.toString(), mountPoint.toString());
        mounted = true;
    }

    /** From here on nothing is written any more. Processes with open files get errors. */
    public void cutPower() {
        try (Arena arena = Arena.ofConfined()) {
            Linker linker = Linker.nativeLinker();
            SymbolLookup libc = linker.defaultLookup();
            Linker.Option variadic = Linker.Option.firstVariadicArg(2);
            MethodHandle open = linker.downcallHandle(
                    libc.findOrThrow("open"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                    variadic);
            MethodHandle ioctl = linker.downcallHandle(
                    libc.findOrThrow("ioctl"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS),
                    variadic);
            MethodHandle close = linker.downcallHandle(
                    libc.findOrThrow("close"), FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
            int descriptor = (int) open.invokeExact(arena.allocateFrom(mountPoint.toString()), 0);
            if (descriptor < 0) {
                throw new IllegalStateException("cannot open " + mountPoint);
            }
            MemorySegment flags = arena.allocateFrom(ValueLayout.JAVA_INT, WITHOUT_FLUSHING_THE_LOG);
            int result = (int) ioctl.invokeExact(descriptor, EXT4_IOC_SHUTDOWN, flags);
            int closed = (int) close.invokeExact(descriptor);
            if (result != 0 || closed != 0) {
                throw new IllegalStateException("the file system of " + mountPoint + " could not be shut down");
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("cannot call into libc", e);
        }
    }

    /** Waits until no process holds a file any more. */
    public void unmount() throws IOException {
        long deadline = System.nanoTime() + UNMOUNT_TIMEOUT.toNanos();
        while (true) {
            try {
                run("umount", mountPoint.toString());
                mounted = false;
                return;
            } catch (IOException busy) {
                if (System.nanoTime() > deadline) {
                    throw busy;
                }
                Thread.onSpinWait();
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (mounted) {
            unmount();
        }
        Files.deleteIfExists(image);
        Files.deleteIfExists(mountPoint);
    }

    static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (InputStream output = process.getInputStream()) {
            String said = new String(output.readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + " failed: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + command[0], e);
        } finally {
            process.destroyForcibly();
        }
    }
}
