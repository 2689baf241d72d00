package io.keelson.kvstore.crashpoints;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A process that stands still from when this is made until it is closed: none of its threads runs. */
final class Standstill implements AutoCloseable {
    private static final int SIGCONT = 18;
    private static final int SIGSTOP = 19;
    private static final long STOP_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final MethodHandle KILL = kill();

    private final int pid;

    private Standstill(int pid) {
        this.pid = pid;
    }

    @SuppressWarnings(
            "restricted") // To start a program for each signal takes longer than all else that is done meanwhile.
    private static MethodHandle kill() {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().find("kill").orElseThrow(),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    }

    private static boolean signal(int pid, int signal) {
        try {
            return (int) KILL.invokeExact(pid, signal) == 0;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Stops a process, and returns when all its threads stand still.
     *
     * @throws IOException if it has ended, or does not stop
     */
    static Standstill of(long pid) throws IOException {
        Standstill made = new Standstill(Math.toIntExact(pid));
        if (!signal(made.pid, SIGSTOP)) {
            throw new IOException("process " + pid + " has ended");
        }
        try {
            made.await();
            return made;
        } catch (IOException | RuntimeException e) {
            made.close();
            throw e;
        }
    }

    private void await() throws IOException {
        long deadline = System.nanoTime() + STOP_NANOS;
        while (!stopped()) {
            if (System.nanoTime() > deadline) {
                throw new IOException("process " + pid + " does not stop");
            }
            Thread.onSpinWait();
        }
    }

    private boolean stopped() throws IOException {
        try (DirectoryStream<Path> threads =
                Files.newDirectoryStream(Path.of("/proc", Integer.toString(pid), "task"))) {
            for (Path thread : threads) {
                if (!stopped(thread)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** A thread that has ended meanwhile changes nothing any more, nor does one that is about to. */
    private static boolean stopped(Path thread) throws IOException {
        String stat;
        try {
            stat = new String(Files.readAllBytes(thread.resolve("stat")), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            if (Files.exists(thread)) {
                throw e;
            }
            return true;
        }
        // The name, in brackets, may hold brackets and spaces.
        char state = stat.charAt(stat.lastIndexOf(')') + 2);
        return state == 'T' || state == 't';
    }

    @Override
    public void close() {
        boolean _ = signal(pid, SIGCONT);
    }
}
