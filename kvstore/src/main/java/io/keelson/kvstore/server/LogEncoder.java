package io.keelson.kvstore.server;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One line per event, with the fields that etcd's log has: as JSON, or as text with tabs. */
final class LogEncoder extends EncoderBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final boolean json;

    LogEncoder(boolean json) {
        this.json = json;
    }

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        Instant instant = event.getInstant();
        String time = TIME.format(instant == null ? Instant.ofEpochMilli(event.getTimeStamp()) : instant);
        String level = event.getLevel().toString().toLowerCase(Locale.ROOT);
        String name = event.getLoggerName();
        String caller = name.startsWith("io.keelson.")
                ? name.substring("io.keelson.".length()).replace('.', '/')
                : name;
        IThrowableProxy thrown = event.getThrowableProxy();
        String trace = thrown == null ? null : ThrowableProxyUtil.asString(thrown);
        StringBuilder line = new StringBuilder(256);
        if (json) {
            line.append("{\"level\":\"")
                    .append(level)
                    .append("\",\"ts\":\"")
                    .append(time)
                    .append("\",\"caller\":");
            quote(line, caller);
            line.append(",\"msg\":");
            quote(line, event.getFormattedMessage());
            if (trace != null) {
                line.append(",\"stacktrace\":");
                quote(line, trace);
            }
            line.append("}\n");
        } else {
            line.append(time)
                    .append('\t')
                    .append(level)
                    .append('\t')
                    .append(caller)
                    .append('\t');
            // A message must not be able to look like another line.
            line.append(event.getFormattedMessage().replace("\n", "\\n").replace("\r", "\\r"))
                    .append('\n');
            if (trace != null) {
                line.append(trace);
            }
        }
        return line.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void quote(StringBuilder out, @Nullable String text) {
        out.append('"');
        String value = text == null ? "" : text;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '\r' -> out.append("\\r");
                default -> {
                    if (c < 0x20) {
                        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
