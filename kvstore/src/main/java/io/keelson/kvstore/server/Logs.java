package io.keelson.kvstore.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.rolling.RollingFileAppender;
import io.keelson.kvstore.server.config.ConfigException;
import io.keelson.kvstore.server.config.ServerConfig;
import java.time.InstantSource;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;

/** Sets logging up as the flags say. Changes the logging of the whole process, so only the command calls it. */
final class Logs {
    private Logs() {}

    /** @throws ConfigException naming the flag that cannot be used */
    static void configure(ServerConfig.Logging logging) {
        ILoggerFactory factory = LoggerFactory.getILoggerFactory();
        if (!(factory instanceof LoggerContext context)) {
            // Embedded in a program with another logging library: that one decides.
            return;
        }
        context.reset();
        LibraryLogs.install();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level level = switch (logging.level()) {
            case "debug" -> Level.DEBUG;
            case "warn" -> Level.WARN;
            case "error", "dpanic", "panic", "fatal" -> Level.ERROR;
            default -> Level.INFO;
        };
        root.setLevel(Level.WARN);
        context.getLogger("io.keelson").setLevel(level);
        // Its own chatter is of use only to those who look for faults in it.
        context.getLogger("com.alipay.sofa.jraft").setLevel(level == Level.DEBUG ? Level.INFO : Level.ERROR);
        for (String output : logging.outputs()) {
            OutputStreamAppender<ILoggingEvent> appender = appender(logging, output, context);
            LogEncoder encoder = new LogEncoder(logging.format().equals("json"));
            encoder.setContext(context);
            encoder.start();
            appender.setContext(context);
            appender.setEncoder(encoder);
            appender.start();
            Appender<ILoggingEvent> started = appender;
            root.addAppender(started);
        }
    }

    /** Where the output goes, without an encoder and not started yet. */
    static OutputStreamAppender<ILoggingEvent> appender(
            ServerConfig.Logging logging, String output, LoggerContext context) {
        if (output.equals("default") || output.equals("stderr") || output.equals("stdout")) {
            ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
            console.setTarget(output.equals("stdout") ? "System.out" : "System.err");
            return console;
        }
        if (!logging.rotate()) {
            FileAppender<ILoggingEvent> file = new FileAppender<>();
            file.setFile(output);
            return file;
        }
        RollingFileAppender<ILoggingEvent> rolling = new RollingFileAppender<>();
        rolling.setFile(output);
        rolling.setContext(context);
        LogBackups backups =
                new LogBackups(output, LogBackups.Rule.parse(logging.rotationJson()), InstantSource.system());
        backups.setContext(context);
        backups.setParent(rolling);
        backups.start();
        // It says when to rotate as well.
        rolling.setRollingPolicy(backups);
        return rolling;
    }
}
