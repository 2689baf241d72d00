package io.keelson.benchmarks.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One process of a cluster, whose output goes to a file. Ends with {@link #close}, and with this JVM. */
public final class Component implements AutoCloseable {
    private static final int SHOWN_CHARS_MAX = 2_000;
    private static final long END_SECONDS_MAX = 15;

    private final String name;
    private final Process process;
    private final Path log;
    private final Thread atExit;

    private Component(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.atExit = Thread.ofPlatform().unstarted(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /**
     * Starts a command.
     *
     * @param name what it is called in messages
     * @param log where its output goes; replaced
     * @throws IOException if there is no such program
     */
    public static Component start(String name, List<String> command, Path log) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        return new Component(name, process, log);
    }

    /** Its process id. */
    public long pid() {
        return process.pid();
    }

    /**
     * Goes on if it still runs.
     *
     * @throws IOException with the end of its log if it has ended
     */
    public void checkAlive() throws IOException {
        if (!process.isAlive()) {
            throw new IOException(
                    name + " has ended with " + process.exitValue() + "; the end of its log " + log + ":\n" + logEnd());
        }
    }

    private String logEnd() throws IOException {
        String text = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
        return text.substring(Math.max(0, text.length() - SHOWN_CHARS_MAX));
    }

    /** Asks it to end, waits, and ends it by force if it does not. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END_SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // The JVM is ending: the hook runs, and has nothing left to do.
        }
    }
}
