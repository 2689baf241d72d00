package io.keelson.agent.logs;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Which part of a log is wanted.
 *
 * @param follow whether to wait for more at the end
 * @param timestamps whether each line begins with its time
 * @param since leaves lines away that are older
 * @param tailLines so many lines of the file from its end, as the runtime has written them; empty for all
 * @param limitBytes ends after so many bytes of output; empty for no end
 */
public record LogOptions(
        boolean follow, boolean timestamps, Optional<Instant> since, OptionalLong tailLines, OptionalLong limitBytes) {
    /** All of it, as the container wrote it. */
    public static final LogOptions ALL =
            new LogOptions(false, false, Optional.empty(), OptionalLong.empty(), OptionalLong.empty());

    /** Checks them. */
    public LogOptions {
        if (tailLines.isPresent() && tailLines.getAsLong() < 0) {
            throw new IllegalArgumentException("tailLines must be greater than or equal to 0");
        }
        if (limitBytes.isPresent() && limitBytes.getAsLong() < 1) {
            throw new IllegalArgumentException("limitBytes must be greater than 0");
        }
    }

    /** The same, and waits for more. */
    public LogOptions following() {
        return new LogOptions(true, timestamps, since, tailLines, limitBytes);
    }

    /** The same with times. */
    public LogOptions timed() {
        return new LogOptions(follow, true, since, tailLines, limitBytes);
    }

    /** The same from a time on. */
    public LogOptions since(Instant time) {
        return new LogOptions(follow, timestamps, Optional.of(time), tailLines, limitBytes);
    }

    /** The same of so many lines from the end. */
    public LogOptions tail(long lines) {
        return new LogOptions(follow, timestamps, since, OptionalLong.of(lines), limitBytes);
    }

    /** The same up to so many bytes. */
    public LogOptions limit(long bytes) {
        return new LogOptions(follow, timestamps, since, tailLines, OptionalLong.of(bytes));
    }
}
