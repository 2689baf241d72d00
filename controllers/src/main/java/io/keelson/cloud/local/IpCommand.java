package io.keelson.cloud.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs the machine's {@code ip} command. */
@FunctionalInterface
interface IpCommand {
    /** That of the machine; it has five seconds. */
    IpCommand MACHINE = IpCommand::execute;

    /**
     * Runs it.
     *
     * @param input what it reads
     * @return what it wrote
     * @throws IOException if there is none, it fails, or does not end; the text has what it complained of
     */
    String run(List<String> arguments, String input) throws IOException;

    private static String execute(List<String> arguments, String input) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        FutureTask<String> output = new FutureTask<>(() -> read(process));
        Thread _ = Thread.ofVirtual().start(output);
        try (OutputStream out = process.getOutputStream()) {
            out.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It ended before it had read all; its own words say why.
            process.destroy();
        }
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                throw new IOException(String.join(" ", command) + " does not end");
            }
            String text = output.get(1, TimeUnit.SECONDS);
            if (process.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + ": " + text.strip());
            }
            return text;
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(String.join(" ", command) + " cannot be heard: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(String.join(" ", command) + " was interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static String read(Process process) {
        try (InputStream in = process.getInputStream()) {
            String text = new String(in.readNBytes(4 << 20), StandardCharsets.UTF_8);
            in.transferTo(OutputStream.nullOutputStream());
            return text;
        } catch (IOException e) {
            // It was ended while it wrote.
            return "";
        }
    }
}
