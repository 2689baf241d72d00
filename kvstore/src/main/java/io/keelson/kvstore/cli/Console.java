package io.keelson.kvstore.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a command reads and writes: the streams of the process, or those of a test. Strings hold one byte per
 * character. Output may come from several threads; whole calls do not mix.
 */
public final class Console {
    private final InputStream in;
    private final OutputStream out;
    private final OutputStream err;
    private final Map<String, String> environment;
    private final Termination termination;
    private final boolean ofProcess;

    private Console(
            InputStream in,
            OutputStream out,
            OutputStream err,
            Map<String, String> environment,
            Termination termination,
            boolean ofProcess) {
        this.in = in;
        this.out = out;
        this.err = err;
        this.environment = environment;
        this.termination = termination;
        this.ofProcess = ofProcess;
    }

    /** The streams and the environment of this process. */
    public static Console ofProcess() {
        return new Console(
                new BufferedInputStream(new FileInputStream(FileDescriptor.in)),
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 8192),
                new FileOutputStream(FileDescriptor.err),
                System.getenv(),
                Termination.ofProcess(),
                true);
    }

    /** Any streams, for a command that runs inside another program. */
    public static Console of(
            InputStream in,
            OutputStream out,
            OutputStream err,
            Map<String, String> environment,
            Termination termination) {
        return new Console(in, out, err, environment, termination, false);
    }

    Termination termination() {
        return termination;
    }

    /** A variable of the environment, one byte per character; empty when it is not set. */
    String variable(String name) {
        return ByteText.ofText(environment.getOrDefault(name, ""));
    }

    Map<String, String> environment() {
        return environment;
    }

    void print(String bytes) {
        write(out, bytes.getBytes(ISO_8859_1));
    }

    void println(String bytes) {
        print(bytes + "\n");
    }

    void printBytes(byte[] bytes) {
        write(out, bytes);
    }

    void error(String bytes) {
        flush();
        write(err, bytes.getBytes(ISO_8859_1));
    }

    void errorln(String bytes) {
        error(bytes + "\n");
    }

    /** Whether a person watches standard error, so that a line there may be rewritten. */
    boolean showsProgressInPlace() {
        return ofProcess && terminal() != null;
    }

    /** Sends on what was printed; ends the command when nobody reads it any more. */
    void flush() {
        synchronized (out) {
            try {
                out.flush();
            } catch (IOException e) {
                throw CommandFailure.silent(ExitCode.BROKEN_PIPE);
            }
        }
    }

    private static void write(OutputStream to, byte[] bytes) {
        synchronized (to) {
            try {
                to.write(bytes);
            } catch (IOException e) {
                throw CommandFailure.silent(ExitCode.BROKEN_PIPE);
            }
        }
    }

    /** The next line of input without its end, or null when the input ends before one. */
    @Nullable
    String readLine() {
        try {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int b = in.read(); b >= 0; b = in.read()) {
                if (b == '\n') {
                    return line.toString(ISO_8859_1);
                }
                line.write(b);
            }
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All that is left of the input. */
    String readAll() {
        try {
            return new String(in.readAllBytes(), ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first word of the next line, empty when there is none. */
    String readWord() {
        try {
            ByteArrayOutputStream word = new ByteArrayOutputStream();
            for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
                if (b != ' ' && b != '\t' && b != '\r') {
                    word.write(b);
                } else if (word.size() > 0) {
                    break;
                }
            }
            return word.toString(ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static java.io.@Nullable Console terminal() {
        return Optional.ofNullable(System.console())
                .filter(java.io.Console::isTerminal)
                .orElse(null);
    }

    /** Asks for a secret; on a terminal what is typed does not show. */
    String readPassword(String prompt) {
        print(prompt);
        flush();
        java.io.Console terminal = ofProcess ? terminal() : null;
        if (terminal != null) {
            char[] typed = terminal.readPassword();
            return typed == null ? "" : ByteText.ofText(new String(typed));
        }
        String line = readLine();
        print("\n");
        return line == null ? "" : line;
    }

    /**
     * Runs a program with the output streams of this console and no input, and waits for it.
     *
     * @param more variables added to the environment
     * @return its exit code
     * @throws IOException with Go's text when it cannot be started
     */
    int run(List<String> command, Map<String, String> more) throws IOException, InterruptedException {
        flush();
        File program = ProgramSearch.find(ByteText.toText(command.getFirst()), environment);
        List<String> words = new ArrayList<>();
        words.add(program.getPath());
        command.subList(1, command.size()).forEach(word -> words.add(ByteText.toText(word)));
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.environment().putAll(more);
        builder.redirectInput(new File("/dev/null"));
        if (ofProcess) {
            builder.redirectOutput(ProcessBuilder.Redirect.INHERIT);
            builder.redirectError(ProcessBuilder.Redirect.INHERIT);
            return builder.start().waitFor();
        }
        Process process = builder.start();
        Thread errors = Thread.ofVirtual().start(() -> copy(process.getErrorStream(), err));
        copy(process.getInputStream(), out);
        errors.join();
        return process.waitFor();
    }

    private static void copy(InputStream from, OutputStream to) {
        try {
            write(to, from.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
