package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.FilterReply;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What the log looks like, and where it goes. */
final class ServerLogTest {
    private static final LoggerContext CONTEXT = new LoggerContext();
    private static final Logger LOGGER = CONTEXT.getLogger("io.keelson.apiserver.store.EtcdStore");

    private static LogForm form(String... flags) {
        LogFlags form = new LogFlags();
        var _ = new CommandLine(form).parseArgs(flags);
        return form.form();
    }

    private static LoggingEvent event(Level level, String message, @Nullable Throwable thrown, Object... arguments) {
        LoggingEvent event = new LoggingEvent("", LOGGER, level, message, thrown, arguments);
        event.setInstant(Instant.ofEpochSecond(1_700_000_000L, 45_678_999));
        return event;
    }

    private static ObjectNode parsed(String line) throws Exception {
        assertTrue(line.endsWith("}\n"), line);
        assertEquals(line.length() - 1, line.indexOf('\n'), "an object on each line");
        return (ObjectNode) Json.mapper().readTree(line);
    }

    @Test
    void aLineInJsonHasTheFieldsThatComponentsHave() {
        assertEquals(
                "{\"ts\":1700000000045.678,\"caller\":\"EtcdStore\",\"msg\":\"it said \\\"no\\\"\",\"v\":0}\n",
                new JsonLines().doLayout(event(Level.WARN, "it said {}", null, "\"no\"")));
    }

    @Test
    void detailsAndErrorsAreToldApart() throws Exception {
        assertEquals(
                4,
                parsed(new JsonLines().doLayout(event(Level.DEBUG, "detail", null)))
                        .path("v")
                        .asInt());
        ObjectNode error =
                parsed(new JsonLines().doLayout(event(Level.ERROR, "bad\nline", new IllegalStateException("gone"))));
        assertTrue(error.path("v").isMissingNode());
        assertEquals("bad\nline", error.path("msg").asText());
        assertTrue(error.path("err").asText().startsWith("java.lang.IllegalStateException: gone"), error.toString());
    }

    /** Where lines of a level go, by the form. */
    private static List<String> targets(LogForm form, Level level) {
        List<String> targets = new ArrayList<>();
        for (Appender<ILoggingEvent> appender : ServerLog.appenders(CONTEXT, form)) {
            if (appender.getFilterChainDecision(event(level, "x", null)) != FilterReply.DENY) {
                targets.add(((ConsoleAppender<ILoggingEvent>) appender).getTarget());
            }
        }
        return targets;
    }

    @Test
    void everythingGoesToStandardErrorUnlessItIsSplit() {
        for (Level level : List.of(Level.INFO, Level.WARN, Level.ERROR)) {
            assertEquals(List.of("System.err"), targets(LogForm.TEXT, level));
        }
        LogForm split = new LogForm(true, true);
        assertEquals(List.of("System.out"), targets(split, Level.INFO));
        assertEquals(List.of("System.out"), targets(split, Level.WARN));
        assertEquals(List.of("System.err"), targets(split, Level.ERROR));
    }

    @Test
    void theFormIsThatOfTheFlags() {
        assertEquals(LogForm.TEXT, form());
        assertEquals(LogForm.TEXT, form("--log-json-split-stream"), "lines are text");
        assertEquals(new LogForm(false, true), form("--log-text-split-stream"));
        assertEquals(new LogForm(true, false), form("--logging-format=json", "--log-flush-frequency=1s"));
        assertEquals(new LogForm(true, true), form("--logging-format=json", "--log-json-split-stream=true"));
    }

    @Test
    void linesAreWrittenInTheForm() {
        for (boolean json : List.of(true, false)) {
            ConsoleAppender<ILoggingEvent> appender = (ConsoleAppender<ILoggingEvent>)
                    ServerLog.appenders(CONTEXT, new LogForm(json, false)).getFirst();
            String line = new String(
                    appender.getEncoder().encode(event(Level.INFO, "für alle", null)), StandardCharsets.UTF_8);
            assertEquals(json, line.startsWith("{"), line);
            assertTrue(line.contains("EtcdStore"), line);
        }
    }
}
