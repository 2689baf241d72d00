package io.keelson.agent.logs;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.function.Predicate;

/** Writes pieces of a log as users want to see them, as long as they want to. One thread. */
final class LogText implements Predicate<LogPiece> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSSX").withZone(ZoneOffset.UTC);

    private final LogOptions options;
    private final OutputStream out;
    private long left;
    private boolean inLine;

    /** The output takes no more. */
    static final class Failure extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final IOException cause;

        Failure(IOException cause) {
            super(cause);
            this.cause = cause;
        }

        IOException cause() {
            return cause;
        }
    }

    LogText(LogOptions options, OutputStream out) {
        this.options = options;
        this.out = out;
        left = options.limitBytes().orElse(Long.MAX_VALUE);
    }

    /** Writes a piece; false if no more is wanted. */
    @Override
    public boolean test(LogPiece piece) {
        if (options.since().isPresent() && piece.time().isBefore(options.since().get())) {
            return true;
        }
        boolean on = true;
        if (options.timestamps() && !inLine) {
            on = write((TIME.format(piece.time()) + ' ').getBytes(StandardCharsets.US_ASCII));
        }
        inLine = !piece.endsLine();
        return on && write(piece.text());
    }

    private boolean write(byte[] bytes) {
        int count = (int) Math.min(bytes.length, left);
        try {
            out.write(bytes, 0, count);
        } catch (IOException e) {
            throw new Failure(e);
        }
        left -= count;
        return left > 0;
    }
}
