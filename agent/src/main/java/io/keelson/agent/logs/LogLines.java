package io.keelson.agent.logs;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Takes the bytes of a log file in CRI's format apart: {@code 2026-01-02T03:04:05.678901234Z stdout F text}. Of a line
 * that is longer than {@link #HELD_MAX} its parts are given as they come. What is no such line is counted, and left
 * away. One thread.
 */
final class LogLines {
    /** What is held of a line whose end has not come. */
    static final int HELD_MAX = 256 << 10;

    private byte[] held = new byte[8 << 10];
    private int length;
    private long broken;

    /** What the line began with of which a part was given already; null at the beginning of a line. */
    private @Nullable Head begun;

    /** Whether the rest of the line belongs to nothing, since its beginning was none. */
    private boolean skipping;

    private record Head(Instant time, boolean partial, int end) {}

    /**
     * Takes bytes.
     *
     * @param to is given each piece; false ends it, and what is left is forgotten
     * @return false if it was ended
     */
    boolean take(byte[] bytes, int count, Predicate<LogPiece> to) {
        int from = 0;
        for (int at = 0; at < count; at++) {
            if (bytes[at] == '\n') {
                hold(bytes, from, at + 1);
                from = at + 1;
                if (!give(true, to)) {
                    return false;
                }
            } else if (length + at - from >= HELD_MAX) {
                hold(bytes, from, at);
                from = at;
                if (!give(false, to)) {
                    return false;
                }
            }
        }
        hold(bytes, from, count);
        return true;
    }

    /** Gives what has come of a line that nobody will end. */
    boolean end(Predicate<LogPiece> to) {
        boolean on = length == 0 || give(false, to);
        begun = null;
        skipping = false;
        return on;
    }

    /** How many lines were none. */
    long broken() {
        return broken;
    }

    private void hold(byte[] bytes, int from, int to) {
        int count = to - from;
        if (length + count > held.length) {
            held = Arrays.copyOf(held, Math.max(held.length * 2, length + count));
        }
        System.arraycopy(bytes, from, held, length, count);
        length += count;
    }

    /** Gives what is held, and holds nothing. */
    private boolean give(boolean ended, Predicate<LogPiece> to) {
        int end = length;
        length = 0;
        Head head = begun;
        int from = 0;
        if (head == null && !skipping) {
            head = head(end);
            if (head == null) {
                skipping = true;
                broken++;
            } else {
                from = head.end();
            }
        }
        begun = ended ? null : head;
        if (head == null) {
            skipping = !ended;
            return true;
        }
        // Where a line of the file ends that is a part only, the container's goes on.
        int until = ended && head.partial() ? end - 1 : end;
        return to.test(new LogPiece(head.time(), Arrays.copyOfRange(held, from, until)));
    }

    private @Nullable Head head(int end) {
        int time = space(0, end);
        int stream = time < 0 ? -1 : space(time + 1, end);
        if (stream < 0) {
            return null;
        }
        String name = new String(held, time + 1, stream - time - 1, StandardCharsets.US_ASCII);
        if (!name.equals("stdout") && !name.equals("stderr")) {
            return null;
        }
        // There may be more tags than the first one, after colons.
        int tags = stream + 1;
        while (tags < end && held[tags] != ' ' && held[tags] != '\n') {
            tags++;
        }
        byte tag = tags > stream + 1 ? held[stream + 1] : 0;
        boolean one = tags == stream + 2 || (tags > stream + 2 && held[stream + 2] == ':');
        if (!one || (tag != 'P' && tag != 'F') || tags == end) {
            return null;
        }
        try {
            Instant at = OffsetDateTime.parse(new String(held, 0, time, StandardCharsets.US_ASCII))
                    .toInstant();
            return new Head(at, tag == 'P', held[tags] == ' ' ? tags + 1 : tags);
        } catch (DateTimeException e) {
            return null;
        }
    }

    private int space(int from, int end) {
        // Nothing of what comes before the text is longer.
        int last = Math.min(end, from + 64);
        for (int at = from; at < last; at++) {
            if (held[at] == ' ') {
                return at;
            }
        }
        return -1;
    }
}
