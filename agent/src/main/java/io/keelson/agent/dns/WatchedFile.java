package io.keelson.agent.dns;

import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a file of settings says, read again when it has changed: it is looked at when somebody asks, not more often than every
 * few seconds. While it cannot be read, what it said last counts. Any thread.
 *
 * @param <T> what is made of its text
 */
final class WatchedFile<T> {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedFile.class);
    private static final long PAUSE_NANOS = Duration.ofSeconds(5).toNanos();

    private final Path file;
    private final Function<String, T> parse;
    private final Time time;
    private String text = "";
    private volatile T content;
    private volatile long lookedNanos;

    /**
     * Reads the file.
     *
     * @param parse makes something of any text, an empty one as well, which is taken if there is no file
     */
    WatchedFile(Path file, Function<String, T> parse, Time time) {
        this.file = file;
        this.parse = parse;
        this.time = time;
        content = parse.apply("");
        lookedNanos = time.nanoTime();
        look();
    }

    /** What it says now. The same object as before if it is the same text. */
    T content() {
        if (time.nanoTime() - lookedNanos >= PAUSE_NANOS) {
            look();
        }
        return content;
    }

    private synchronized void look() {
        lookedNanos = time.nanoTime();
        try {
            // Times of files are too coarse to tell two changes apart, and these files are small.
            String now = Files.exists(file) ? ResolvConf.text(file) : "";
            if (!now.equals(text)) {
                content = parse.apply(now);
                text = now;
            }
        } catch (IOException e) {
            LOG.warn("{} cannot be read, what it said before counts on: {}", file, e.getMessage());
        }
    }
}
