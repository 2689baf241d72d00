package io.keelson.proxy.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** A network namespace that is gone when it is closed. What is made in it, sockets for one, stays in it. */
public final class NetworkNamespace implements Closeable {
    private static final int CLONE_NEWNET = 0x40000000;
    private static final int COMMAND_SECONDS_MAX = 30;
    private static final MethodHandle OPEN =
            function("open", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    private static final MethodHandle SETNS =
            function("setns", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle CLOSE =
            function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private final String name;

    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
    }

    /** Makes one, with its loopback interface up. */
    public NetworkNamespace(String purpose) throws IOException {
        name = "keelson-" + purpose + "-" + UUID.randomUUID().toString().substring(0, 8);
        run(List.of("ip", "netns", "add", name), "");
        ip("link set lo up");
    }

    /** Skips the test on a machine where nobody may make one. */
    public static void assumePossible() throws IOException {
        assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "namespaces need root");
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/ip")), "namespaces need the package iproute2");
    }

    /** Its name, as {@code ip netns} knows it. */
    public String name() {
        return name;
    }

    /** Runs lines of {@code ip} in it. */
    public void ip(String... lines) throws IOException {
        String _ = run(List.of("ip", "-n", name, "-batch", "-"), String.join("\n", lines) + "\n");
    }

    /** Runs a command in it, and returns what it says. */
    public String command(String input, String... command) throws IOException {
        List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", name));
        words.addAll(List.of(command));
        return run(words, input);
    }

    private static String run(List<String> command, String input) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(COMMAND_SECONDS_MAX, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(command + ": " + said);
            }
            return said;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(command + ": interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    /** Sets a value under {@code /proc/sys}. */
    public void sysctl(String path, String value) throws Exception {
        in(() -> Files.writeString(Path.of("/proc/sys", path), value));
    }

    /** Does something on a thread that is in it. */
    public <T> T in(Callable<T> work) throws Exception {
        CompletableFuture<T> done = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().daemon().start(() -> {
            try {
                enter();
                done.complete(work.call());
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        try {
            return done.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        } finally {
            thread.join();
        }
    }

    /** Takes this thread, a platform thread, into it for good. */
    public void enter() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom("/var/run/netns/" + name);
            int file = (int) OPEN.invokeExact(path, 0);
            int entered = file < 0 ? -1 : (int) SETNS.invokeExact(file, CLONE_NEWNET);
            if (file >= 0) {
                int _ = (int) CLOSE.invokeExact(file);
            }
            if (entered != 0) {
                throw new IOException("cannot enter " + name);
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a call into the C library throws nothing", e);
        }
    }

    @Override
    public void close() throws IOException {
        String _ = run(List.of("ip", "netns", "delete", name), "");
    }
}
