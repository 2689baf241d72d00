package io.keelson.agent.volumes;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A program of the node that does what only it can: mounts of the network, new filesystems. */
final class Program {
    private static final Duration OUTPUT_MAX = Duration.ofSeconds(5);
    private static final int OUTPUT_BYTES_MAX = 64 << 10;

    private Program() {}

    /**
     * What a program has said.
     *
     * @param status 0 if it did what it was to do
     * @param output and errors, at most 64 KiB
     */
    record Result(int status, String output) {}

    /**
     * Runs a program to its end, or kills it.
     *
     * @throws VolumeException if there is no such program, or it does not end in time
     */
    static Result run(Duration limit, List<String> command) throws VolumeException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new VolumeException("the node lacks the program " + command.getFirst() + ": " + e.getMessage(), e);
        }
        CompletableFuture<String> output = new CompletableFuture<>();
        Thread _ = Thread.ofVirtual().start(() -> output.complete(read(process)));
        try {
            process.getOutputStream().close();
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new VolumeException(
                        command.getFirst() + " has not ended within " + limit.toSeconds() + " s and was killed");
            }
            return new Result(
                    process.exitValue(),
                    output.get(OUTPUT_MAX.toMillis(), TimeUnit.MILLISECONDS).strip());
        } catch (TimeoutException | ExecutionException e) {
            throw new VolumeException(command.getFirst() + " has left somebody behind who does not end its output", e);
        } catch (IOException e) {
            throw new VolumeException(command.getFirst() + ": " + e.getMessage(), e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static String read(Process process) {
        try (InputStream in = process.getInputStream()) {
            byte[] first = in.readNBytes(OUTPUT_BYTES_MAX);
            // Who writes more is not to be stopped by it.
            in.transferTo(OutputStream.nullOutputStream());
            return new String(first, StandardCharsets.UTF_8);
        } catch (IOException e) {
            // It was killed.
            return "";
        }
    }

    /**
     * Runs a program that must succeed.
     *
     * @throws VolumeException with what it said if it does not
     */
    static String require(Duration limit, List<String> command) throws VolumeException, InterruptedException {
        Result result = run(limit, command);
        if (result.status != 0) {
            throw new VolumeException(
                    "%s failed: exit status %d: %s".formatted(command.getFirst(), result.status, result.output));
        }
        return result.output;
    }
}
