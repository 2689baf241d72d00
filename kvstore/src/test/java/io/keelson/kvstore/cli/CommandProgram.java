package io.keelson.kvstore.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Something that takes the words of a command: etcdctl in a process of its own, or our command line in this one. */
interface CommandProgram {
    /** Runs a command to its end. */
    CommandRun run(List<String> words, String input, Map<String, String> environment) throws Exception;

    /** Runs a command until its output satisfies {@code enough}, then interrupts it as Ctrl-C does. */
    default CommandRun runUntil(List<String> words, Predicate<String> enough) throws Exception {
        return runUntil(words, "", enough);
    }

    /** The same with something typed at its beginning; more might be until the end. */
    CommandRun runUntil(List<String> words, String typed, Predicate<String> enough) throws Exception;

    /** The real etcdctl, which has so long to end. */
    record Etcdctl(File binary, long patienceS) implements CommandProgram {
        Etcdctl(File binary) {
            this(binary, 20);
        }

        @Override
        public CommandRun run(List<String> words, String input, Map<String, String> environment)
                throws IOException, InterruptedException {
            Process process = start(words, environment);
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(ISO_8859_1));
            } catch (IOException e) {
                // It ended without reading its input, which is its right.
                process.waitFor();
            }
            Collector out = new Collector(process.getInputStream());
            Collector err = new Collector(process.getErrorStream());
            if (!process.waitFor(patienceS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("etcdctl does not end: " + words);
            }
            return new CommandRun(process.exitValue(), out.whole(), err.whole());
        }

        @Override
        public CommandRun runUntil(List<String> words, String typed, Predicate<String> enough)
                throws IOException, InterruptedException {
            Process process = start(words, Map.of());
            process.getOutputStream().write(typed.getBytes(ISO_8859_1));
            process.getOutputStream().flush();
            Collector out = new Collector(process.getInputStream());
            Collector err = new Collector(process.getErrorStream());
            Waiting.until("output of etcdctl " + words, () -> enough.test(out.soFar()));
            new ProcessBuilder("kill", "-INT", String.valueOf(process.pid()))
                    .start()
                    .waitFor();
            if (!process.waitFor(patienceS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("etcdctl does not end: " + words);
            }
            return new CommandRun(process.exitValue(), out.whole(), err.whole());
        }

        private Process start(List<String> words, Map<String, String> environment) throws IOException {
            // What runs in the background is started with interrupts ignored, and hands that on to what it starts.
            List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT", binary.getPath()));
            command.addAll(words);
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().keySet().removeIf(name -> name.startsWith("ETCDCTL_"));
            builder.environment().putAll(environment);
            return builder.start();
        }
    }

    /** Ours. */
    final class Ours implements CommandProgram {
        @Override
        public CommandRun run(List<String> words, String input, Map<String, String> environment) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            Map<String, String> all = new HashMap<>(environment);
            all.put("PATH", System.getenv().getOrDefault("PATH", "/usr/bin:/bin"));
            Console console = Console.of(
                    new ByteArrayInputStream(input.getBytes(ISO_8859_1)), out, err, all, Termination.onCall());
            int exitCode = KvCommandLine.run(KvCommandLine.bytesOf(words), console);
            return new CommandRun(exitCode, out.toString(ISO_8859_1), err.toString(ISO_8859_1));
        }

        @Override
        public CommandRun runUntil(List<String> words, String typed, Predicate<String> enough)
                throws InterruptedException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            Termination termination = Termination.onCall();
            Keyboard keyboard = new Keyboard();
            Console console = Console.of(
                    new SequenceInputStream(new ByteArrayInputStream(typed.getBytes(ISO_8859_1)), keyboard),
                    out,
                    err,
                    System.getenv(),
                    termination);
            AtomicInteger exitCode = new AtomicInteger(-1);
            Thread runner = Thread.ofPlatform()
                    .start(() -> exitCode.set(KvCommandLine.run(KvCommandLine.bytesOf(words), console)));
            Waiting.until("output of " + words, () -> enough.test(out.toString(ISO_8859_1)));
            termination.wish();
            if (!termination.handled()) {
                // Nothing cleans up: a signal would end the process here and now.
                runner.interrupt();
            }
            runner.join();
            keyboard.close();
            return new CommandRun(
                    termination.handled() ? exitCode.get() : Etcdctl130.CODE,
                    out.toString(ISO_8859_1),
                    termination.handled() ? err.toString(ISO_8859_1) : "");
        }

        /** Where nothing is typed, and that is not at its end before it is closed or its reader interrupted. */
        private static final class Keyboard extends InputStream {
            private final CountDownLatch closed = new CountDownLatch(1);

            @Override
            public int read() {
                try {
                    closed.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return -1;
            }

            @Override
            public int read(byte[] into, int from, int length) {
                return read();
            }

            @Override
            public void close() {
                closed.countDown();
            }
        }

        /** What a shell shows for a program that SIGINT ended. */
        private static final class Etcdctl130 {
            static final int CODE = 130;
        }
    }

    /** Reads a stream to its end on a thread of its own. */
    final class Collector {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final Thread reader;

        Collector(InputStream from) {
            reader = Thread.ofVirtual().start(() -> {
                try {
                    from.transferTo(bytes);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }

        String soFar() {
            return bytes.toString(ISO_8859_1);
        }

        String whole() throws InterruptedException {
            reader.join();
            return soFar();
        }
    }
}
