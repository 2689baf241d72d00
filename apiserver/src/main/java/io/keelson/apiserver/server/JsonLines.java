package io.keelson.apiserver.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * Lines of the log as objects in JSON with the fields that Kubernetes' components have: {@code ts} in milliseconds since
 * 1970, {@code caller}, which is the name of a class here, {@code msg}, {@code v} unless it is an error, and {@code err}
 * with what went wrong, if there is something.
 */
final class JsonLines extends LayoutBase<ILoggingEvent> {
    private static final int DETAIL = 4;
    private static final int MICROS_IN_MILLI = 1_000;

    @Override
    public String doLayout(ILoggingEvent event) {
        long micros = ChronoUnit.MICROS.between(Instant.EPOCH, event.getInstant());
        ObjectNode line = Json.object();
        String name = event.getLoggerName();
        line.put("caller", name.substring(name.lastIndexOf('.') + 1));
        line.put("msg", event.getFormattedMessage());
        if (!event.getLevel().isGreaterOrEqual(Level.ERROR)) {
            line.put("v", event.getLevel().isGreaterOrEqual(Level.INFO) ? 0 : DETAIL);
        }
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            line.put("err", ThrowableProxyUtil.asString(thrown).strip());
        }
        // Written here, so that it is no number with an exponent.
        return String.format(Locale.ROOT, "{\"ts\":%d.%03d,", micros / MICROS_IN_MILLI, micros % MICROS_IN_MILLI)
                + Json.text(line).substring(1) + "\n";
    }
}
