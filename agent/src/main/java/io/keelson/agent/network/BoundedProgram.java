package io.keelson.agent.network;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A program that is run to its end, within bounds: of time, and of what it says. When it, or what it has started, does not keep
 * them, all of it is killed.
 */
public final class BoundedProgram {
    private static final int OUTPUT_OCTETS_MAX = 1 << 20;
    private static final int TAKEN_OCTETS = 8192;
    private static final Duration LATE_OUTPUT_MAX = Duration.ofSeconds(1);

    private BoundedProgram() {}

    /**
     * How it ended.
     *
     * @param output what it said; cut at 1 MiB
     * @param errors what it said beside
     * @param process the number of its process, which is gone
     */
    public record Result(int code, String output, String errors, long process) {}

    /** What a program says, as far as it has said it. */
    private static final class Collected {
        private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
        private final Thread thread;

        private Collected(InputStream from, Process process) {
            thread = Thread.ofPlatform().daemon().name("program-output").start(() -> collect(from, process));
        }

        private void collect(InputStream from, Process process) {
            byte[] some = new byte[TAKEN_OCTETS];
            try {
                for (int length = from.read(some); length >= 0; length = from.read(some)) {
                    synchronized (octets) {
                        if (octets.size() + length > OUTPUT_OCTETS_MAX) {
                            kill(process);
                            return;
                        }
                        octets.write(some, 0, length);
                    }
                }
            } catch (IOException e) {
                // The program is gone: what it has said is all there is.
                return;
            }
        }

        private String text() throws InterruptedException {
            // What it left behind may hold the pipe for ever.
            boolean _ = thread.join(LATE_OUTPUT_MAX);
            synchronized (octets) {
                return octets.toString(StandardCharsets.UTF_8);
            }
        }
    }

    /**
     * Runs a program.
     *
     * @param command its path or name, and its arguments
     * @param environment its whole environment; null for this process's own
     * @param input what it reads
     * @throws IOException if it cannot be started, says too much, or does not end in time
     */
    public static Result run(
            List<String> command, @Nullable Map<String, String> environment, String input, Duration time)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command);
        if (environment != null) {
            builder.environment().clear();
            builder.environment().putAll(environment);
        }
        Process process = builder.start();
        try {
            Collected output = new Collected(process.getInputStream(), process);
            Collected errors = new Collected(process.getErrorStream(), process);
            Thread feeding = Thread.ofPlatform().daemon().name("program-input").start(() -> feed(process, input));
            if (!process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(command.getFirst() + " did not end within " + time.toMillis() + " ms and was"
                        + " killed; it said: " + excerpt(errors.text() + output.text()));
            }
            String said = output.text();
            String saidBeside = errors.text();
            boolean _ = feeding.join(LATE_OUTPUT_MAX);
            if (said.length() + TAKEN_OCTETS > OUTPUT_OCTETS_MAX
                    || saidBeside.length() + TAKEN_OCTETS > OUTPUT_OCTETS_MAX) {
                throw new IOException(command.getFirst() + " said more than " + OUTPUT_OCTETS_MAX + " octets");
            }
            return new Result(process.exitValue(), said, saidBeside, process.pid());
        } finally {
            kill(process);
        }
    }

    /** Some of a text, as errors have it. */
    public static String excerpt(String text) {
        String stripped = text.strip();
        return stripped.length() <= 500 ? stripped : stripped.substring(0, 500) + "…";
    }

    private static void feed(Process process, String input) {
        try (OutputStream to = process.getOutputStream()) {
            to.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // A program need not read what it is given; how it ends tells whether that was right.
            return;
        }
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
