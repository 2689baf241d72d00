package io.keelson.apiserver.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the log of a server that is a process of its own goes: to standard error, if nobody wants more, a line for each event. */
final class ServerLog {
    private static final String LINE = "%date{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0}: %msg%n";

    private ServerLog() {}

    /**
     * @param detailed whether the server tells what it does in detail
     * @param files which classes do in any case
     */
    static void configure(boolean detailed, DetailedFiles files, LogForm form) {
        ILoggerFactory factory = LoggerFactory.getILoggerFactory();
        if (!(factory instanceof LoggerContext context)) {
            // Embedded in a program with another logging library: that one decides.
            return;
        }
        context.reset();
        // It is asked about each line.
        if (!files.isEmpty()) {
            context.addTurboFilter(files);
        }
        for (Appender<ILoggingEvent> appender : appenders(context, form)) {
            context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
        }
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
        context.getLogger("io.keelson.apiserver").setLevel(detailed ? Level.DEBUG : Level.INFO);
        // Sockets in the file system know no keepalive, and each of them would be warned of.
        context.getLogger("io.netty.bootstrap.Bootstrap").setLevel(Level.ERROR);
    }

    /** Where lines go, ready to take them. */
    static List<Appender<ILoggingEvent>> appenders(LoggerContext context, LogForm form) {
        if (!form.split()) {
            return List.of(appender(context, form, "System.err", null));
        }
        return List.of(
                appender(context, form, "System.err", isError(FilterReply.NEUTRAL, FilterReply.DENY)),
                appender(context, form, "System.out", isError(FilterReply.DENY, FilterReply.NEUTRAL)));
    }

    private static Appender<ILoggingEvent> appender(
            LoggerContext context, LogForm form, String target, @Nullable Filter<ILoggingEvent> filter) {
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget(target);
        appender.setEncoder(encoder(context, form));
        if (filter != null) {
            appender.addFilter(filter);
        }
        appender.start();
        return appender;
    }

    private static Encoder<ILoggingEvent> encoder(LoggerContext context, LogForm form) {
        if (form.json()) {
            JsonLines lines = new JsonLines();
            lines.setContext(context);
            lines.start();
            LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
            encoder.setContext(context);
            encoder.setCharset(StandardCharsets.UTF_8);
            encoder.setLayout(lines);
            encoder.start();
            return encoder;
        }
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(LINE);
        encoder.start();
        return encoder;
    }

    private static Filter<ILoggingEvent> isError(FilterReply yes, FilterReply no) {
        Filter<ILoggingEvent> filter = new Filter<>() {
            @Override
            public FilterReply decide(ILoggingEvent event) {
                return event.getLevel().isGreaterOrEqual(Level.ERROR) ? yes : no;
            }
        };
        filter.start();
        return filter;
    }
}
