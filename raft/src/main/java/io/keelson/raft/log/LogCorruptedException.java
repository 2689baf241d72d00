package io.keelson.raft.log;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A part of the log that was once durable cannot be read back as it was written. What to do: take the member out of
 * service and restore it from the others; nothing that comes after the damage may be used.
 */
public final class LogCorruptedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final long offset;
    private final long index;

    LogCorruptedException(Path file, long offset, long index, String finding) {
        super("log file %s is damaged at offset %d, entry %d: %s".formatted(file, offset, index, finding));
        this.offset = offset;
        this.index = index;
    }

    /** Where in the file, in bytes from its start. */
    public long offset() {
        return offset;
    }

    /** The first log index that is affected. */
    public long index() {
        return index;
    }
}
