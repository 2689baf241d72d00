package io.keelson.kvstore.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LibraryLogsTest {
    private static final String NAME = "library.under.test";

    private final AtomicLong nowNanos = new AtomicLong();
    private final LibraryLogs logs = new LibraryLogs(nowNanos::get);

    private void say(Level level, String message) {
        LogRecord record = new LogRecord(level, message);
        record.setLoggerName(NAME);
        record.setThrown(new IllegalStateException("why"));
        logs.publish(record);
    }

    @Test
    void aLoggerThatSaysMuchGetsALineNowAndThenAndNoTraces() {
        Logger logger = (Logger) LoggerFactory.getLogger(NAME);
        logger.setLevel(ch.qos.logback.classic.Level.WARN);
        logger.setAdditive(false);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        for (int i = 0; i < 1_000; i++) {
            say(Level.SEVERE, "broken");
        }
        say(Level.INFO, "chatter");
        nowNanos.addAndGet(TimeUnit.SECONDS.toNanos(11));
        say(Level.WARNING, "broken again");
        assertEquals(2, lines.list.size());
        assertEquals(
                "broken: java.lang.IllegalStateException: why",
                lines.list.get(0).getFormattedMessage());
        assertTrue(lines.list.get(1).getFormattedMessage().endsWith("(999 more of this logger were left out)"));
        assertTrue(lines.list.stream().allMatch(line -> line.getThrowableProxy() == null));
    }
}
