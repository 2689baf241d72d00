package io.keelson.apiserver.certs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that others may replace while the server runs. It is looked at when it is asked for, at most once in {@link
 * #CHECK_EVERY}; what cannot be read or understood is reported once and leaves the last good content in place.
 */
public final class WatchedFile<T> {
    public static final Duration CHECK_EVERY = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(WatchedFile.class);
    private static final int SIZE_BYTES_MAX = 16 << 20;

    private final Path file;
    private final Parser<T> parser;
    private final Reread reread;
    private final InstantSource clock;
    private volatile State<T> state;

    /** What a file's bytes mean. */
    @FunctionalInterface
    public interface Parser<T> {
        T parse(byte[] content) throws IOException;
    }

    /** Is told when a file was replaced and read again. Any thread. */
    @FunctionalInterface
    public interface Reread {
        /** Nobody is told. */
        Reread BY_NOBODY = _ -> {};

        /** @param understood whether what it says now is in force, and not what it said before */
        void read(boolean understood);
    }

    private record Stamp(
            FileTime modified, long size, @Nullable Object fileKey) {}

    private record State<T>(T content, Stamp stamp, Instant checked) {}

    private WatchedFile(Path file, Parser<T> parser, Reread reread, InstantSource clock, State<T> state) {
        this.file = file;
        this.parser = parser;
        this.reread = reread;
        this.clock = clock;
        this.state = state;
    }

    /** @throws IOException if it cannot be read or understood at the start */
    public static <T> WatchedFile<T> open(Path file, Parser<T> parser, InstantSource clock) throws IOException {
        return open(file, parser, Reread.BY_NOBODY, clock);
    }

    /**
     * The same, telling somebody of each time that it is read again.
     *
     * @throws IOException if it cannot be read or understood at the start
     */
    public static <T> WatchedFile<T> open(Path file, Parser<T> parser, Reread reread, InstantSource clock)
            throws IOException {
        Stamp stamp = stamp(file);
        return new WatchedFile<>(file, parser, reread, clock, new State<>(read(file, parser), stamp, clock.instant()));
    }

    public Path path() {
        return file;
    }

    /** The last good content; the same object as long as the file stays the same. */
    public T current() {
        State<T> now = state;
        return clock.instant().isBefore(now.checked().plus(CHECK_EVERY)) ? now.content() : check();
    }

    private synchronized T check() {
        State<T> last = state;
        Instant now = clock.instant();
        if (now.isBefore(last.checked().plus(CHECK_EVERY))) {
            return last.content();
        }
        T content = last.content();
        Stamp stamp = last.stamp();
        boolean replaced = false;
        try {
            Stamp seen = stamp(file);
            if (!seen.equals(stamp)) {
                stamp = seen;
                replaced = true;
                content = read(file, parser);
                log.info("read {} again", file);
                reread.read(true);
            }
        } catch (IOException e) {
            log.warn("cannot read {}, what was in it before stays in force: {}", file, e.getMessage());
            if (replaced) {
                reread.read(false);
            }
        }
        state = new State<>(content, stamp, now);
        return content;
    }

    private static Stamp stamp(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
    }

    private static <T> T read(Path file, Parser<T> parser) throws IOException {
        if (Files.size(file) > SIZE_BYTES_MAX) {
            throw new IOException(file + " has more than " + SIZE_BYTES_MAX + " bytes");
        }
        return parser.parse(Files.readAllBytes(file));
    }
}
