package io.keelson.apiserver.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the log of a server that is a process of its own goes: to standard error, a line for each event. */
final class ServerLog {
    private static final String LINE = "%date{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0}: %msg%n";

    private ServerLog() {}

    /**
     * @param detailed whether the server tells what it does in detail
     * @param files which classes do in any case
     */
    static void configure(boolean detailed, DetailedFiles files) {
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
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(LINE);
        encoder.start();
        ConsoleAppender<ILoggingEvent> standardError = new ConsoleAppender<>();
        standardError.setContext(context);
        standardError.setTarget("System.err");
        standardError.setEncoder(encoder);
        standardError.start();
        context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(standardError);
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
        context.getLogger("io.keelson.apiserver").setLevel(detailed ? Level.DEBUG : Level.INFO);
        // Sockets in the file system know no keepalive, and each of them would be warned of.
        context.getLogger("io.netty.bootstrap.Bootstrap").setLevel(Level.ERROR);
    }
}
