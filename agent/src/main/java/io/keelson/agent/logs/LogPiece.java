package io.keelson.agent.logs;

import java.time.Instant;

/**
 * A line of a log file, or a part of one that is too long to be held.
 *
 * @param time when the runtime read it from the container
 * @param text what the container wrote, with the line's end if the container has ended it; the caller's own
 */
record LogPiece(Instant time, byte[] text) {
    /** Whether the next piece begins a line of the container. */
    boolean endsLine() {
        return text.length > 0 && text[text.length - 1] == '\n';
    }
}
