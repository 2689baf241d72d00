package io.keelson.raft.transport;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was read from some files, read again when one of them has changed. While the new content cannot be read (a
 * certificate is there but its key not yet), the old one stays in use and the log says why.
 */
final class WatchedFiles<T> {
    /** Reads the files. */
    interface Reader<T> {
        T read() throws IOException;
    }

    private static final Logger log = LoggerFactory.getLogger(WatchedFiles.class);

    /** How often the files' stamps are looked at, at most. */
    private static final long CHECK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final List<Path> files;
    private final Reader<T> reader;
    private T content;
    private List<Object> stamps;
    private @Nullable List<Object> stampsOfFailure;
    private long checkedNanos;

    WatchedFiles(List<Path> files, Reader<T> reader) throws IOException {
        this.files = files;
        this.reader = reader;
        // The stamps are taken first: a change during the read is then seen as a change at the next look.
        this.stamps = stamps(files);
        this.content = reader.read();
        this.checkedNanos = System.nanoTime();
    }

    synchronized T current() {
        long now = System.nanoTime();
        if (now - checkedNanos < CHECK_EVERY_NANOS) {
            return content;
        }
        checkedNanos = now;
        List<Object> seen = stamps(files);
        if (seen.equals(stamps) || seen.equals(stampsOfFailure)) {
            return content;
        }
        try {
            content = reader.read();
            stamps = seen;
            stampsOfFailure = null;
            log.info("read {} again after a change", files);
        } catch (IOException e) {
            stampsOfFailure = seen;
            log.warn("keeping the previous certificates: {}", e.getMessage());
        }
        return content;
    }

    private static List<Object> stamps(List<Path> files) {
        List<Object> stamps = new ArrayList<>();
        for (Path file : files) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                stamps.add(attributes.lastModifiedTime());
                stamps.add(attributes.size());
            } catch (IOException e) {
                // A missing file is a state like another; reading it gives the error with its name.
                stamps.add("unreadable");
            }
        }
        return stamps;
    }
}
