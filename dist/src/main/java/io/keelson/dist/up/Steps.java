package io.keelson.dist.up;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/**
 * What a process says of its start, in a file that another one follows: a line for each step, and a last one that says how it
 * ended. Whole lines only, so who reads in the middle of one waits for its end.
 */
final class Steps {
    /** What the last line of a start that went well begins with. */
    static final String READY = "ready ";

    /** What the last line of a start that failed begins with; the reason follows. */
    static final String FAILED = "failed ";

    private static final Duration STEP_MAX = Duration.ofSeconds(60);

    private final Path file;
    private final long begunNanos = System.nanoTime();
    private long stepNanos = begunNanos;

    /** Begins to tell; what was told of earlier starts is gone. */
    Steps(Path folder) throws IOException {
        file = file(folder);
        Files.writeString(file, "");
    }

    static Path file(Path folder) {
        return folder.resolve("steps");
    }

    /**
     * Waits until something is so.
     *
     * @param otherwise what is to be said if it is not in time
     * @throws IOException if it is not
     */
    static void await(String otherwise, BooleanSupplier isSo) throws IOException, InterruptedException {
        long end = System.nanoTime() + STEP_MAX.toNanos();
        while (!isSo.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new IOException(otherwise + " within " + STEP_MAX.toSeconds() + " s: the log says more");
            }
            Thread.sleep(20);
        }
    }

    /** A step is done. */
    void done(String what) throws IOException {
        long now = System.nanoTime();
        tell(String.format(Locale.ROOT, "%-48s %5.1f s", what, seconds(now - stepNanos)));
        stepNanos = now;
    }

    /** All is done. */
    void ready() throws IOException {
        tell(String.format(Locale.ROOT, READY + "after %.1f s", seconds(System.nanoTime() - begunNanos)));
    }

    /** It ends without being ready. */
    void failed(String why) throws IOException {
        tell(FAILED + why.replace('\n', ' '));
    }

    private static double seconds(long nanos) {
        return Duration.ofNanos(nanos).toMillis() / 1000.0;
    }

    private void tell(String line) throws IOException {
        Files.write(file, List.of(line), StandardCharsets.UTF_8, StandardOpenOption.APPEND, StandardOpenOption.CREATE);
    }
}
