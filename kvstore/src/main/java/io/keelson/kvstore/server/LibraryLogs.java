package io.keelson.kvstore.server;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.slf4j.LoggerFactory;

/**
 * Brings what libraries say through {@code java.util.logging} into the server's own log.
 *
 * <p>gRPC writes a trace of dozens of lines whenever a client sends something malformed. A client that means it could fill
 * the disk that way. So a trace is shown to those only who log at debug level, and a logger gets a line in {@link
 * #INTERVAL_NANOS}; the next one says how many were left out.
 */
final class LibraryLogs extends Handler {
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** When a logger wrote last, and what was left out since. */
    private static final class Said {
        private long atNanos;
        private long leftOut;
        private boolean before;
    }

    private final LongSupplier nanoTime;
    private final SimpleFormatter formatter = new SimpleFormatter();

    /** As many as libraries have loggers. */
    private final Map<String, Said> said = new ConcurrentHashMap<>();

    LibraryLogs(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Takes the place of what {@code java.util.logging} writes to by itself. */
    static void install() {
        LogManager.getLogManager().reset();
        java.util.logging.Logger root = java.util.logging.Logger.getLogger("");
        root.setLevel(Level.WARNING);
        root.addHandler(new LibraryLogs(System::nanoTime));
    }

    @Override
    public void publish(LogRecord record) {
        if (record.getLevel().intValue() < Level.WARNING.intValue()) {
            return;
        }
        String name = record.getLoggerName() == null ? "library" : record.getLoggerName();
        org.slf4j.Logger log = LoggerFactory.getLogger(name);
        String message = formatter.formatMessage(record);
        Throwable thrown = record.getThrown();
        if (log.isDebugEnabled()) {
            log.debug(message, thrown);
            return;
        }
        long leftOut = turn(name);
        if (leftOut < 0) {
            return;
        }
        String text = message
                + (thrown == null ? "" : ": " + thrown)
                + (leftOut == 0 ? "" : " (" + leftOut + " more of this logger were left out)");
        log.warn("{}", text);
    }

    /** How many of a logger were left out before this one, or -1 if this one is to be as well. */
    private long turn(String name) {
        long now = nanoTime.getAsLong();
        Said last = said.computeIfAbsent(name, _ -> new Said());
        synchronized (last) {
            if (last.before && now - last.atNanos < INTERVAL_NANOS) {
                last.leftOut++;
                return -1;
            }
            long leftOut = last.leftOut;
            last.before = true;
            last.atNanos = now;
            last.leftOut = 0;
            return leftOut;
        }
    }

    @Override
    public void flush() {
        // The server's own log writes at once.
    }

    @Override
    public void close() {
        // There is nothing open.
    }
}
