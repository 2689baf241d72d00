package io.keelson.kvstore.crashpoints;

import io.keelson.kvstore.crashpoints.ImageOpening.Answer;
import io.keelson.kvstore.crashpoints.ImageOpening.Question;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A JVM that opens images, one after the other, so that none takes a start of its own. It has a network to itself, without a
 * way to the members. Any thread; who comes while an image is opened waits.
 */
final class OpeningProcess implements AutoCloseable {
    private final Process process;
    private final Path log;
    private final ObjectOutputStream questions;
    private final ObjectInputStream answers;

    private OpeningProcess(Process process, Path log) throws IOException {
        this.process = process;
        this.log = log;
        questions = new ObjectOutputStream(new BufferedOutputStream(process.getOutputStream()));
        questions.flush();
        answers = new ObjectInputStream(process.getInputStream());
    }

    /**
     * Starts it; needs root.
     *
     * @param log where what it prints goes
     */
    static OpeningProcess start(Path log) throws IOException {
        List<String> command = List.of(
                "unshare",
                "--net",
                "sh",
                "-c",
                "ip link set lo up; exec \"$@\"",
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:-UsePerfData",
                "-XX:+UseSerialGC",
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                OpeningProcess.class.getName());
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        try {
            return new OpeningProcess(process, log);
        } catch (IOException e) {
            process.destroyForcibly();
            throw new IOException("who opens images does not start; its log: " + log, e);
        }
    }

    /** What an image holds. */
    synchronized Answer open(Question question) throws IOException {
        try {
            questions.writeObject(question);
            questions.reset();
            questions.flush();
            return (Answer) answers.readObject();
        } catch (IOException e) {
            throw new IOException("who opens images has ended over " + question + "; its log: " + log, e);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    /** Reads questions and writes answers until there are no more questions. */
    public static void main(String[] args) throws IOException, ClassNotFoundException {
        ObjectOutputStream out = new ObjectOutputStream(new BufferedOutputStream(System.out));
        out.flush();
        System.setOut(new PrintStream(System.err, true, StandardCharsets.UTF_8));
        try (ObjectInputStream in = new ObjectInputStream(System.in)) {
            while (true) {
                out.writeObject(ImageOpening.open((Question) in.readObject()));
                out.reset();
                out.flush();
            }
        } catch (EOFException e) {
            System.exit(0);
        }
    }
}
