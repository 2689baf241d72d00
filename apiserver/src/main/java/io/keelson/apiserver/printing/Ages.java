package io.keelson.apiserver.printing;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.Timestamps;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How long ago something was, as people read it: the two largest units that matter, {@code 3d4h} for example. */
public final class Ages {
    static final String UNKNOWN = "<unknown>";

    private Ages() {}

    /** How long a time that stands in an object is ago; {@code <unknown>} if there is none. */
    public static String since(JsonNode time, Instant now) {
        Instant then = instant(time);
        return then == null ? UNKNOWN : human(Duration.between(then, now));
    }

    /** The time that stands in an object; null if there is none. */
    static @Nullable Instant instant(JsonNode time) {
        if (!time.isTextual()) {
            return null;
        }
        Instant utc = Timestamps.utc(time.textValue());
        if (utc != null) {
            return utc;
        }
        try {
            return Instant.parse(time.textValue());
        } catch (DateTimeException e) {
            // Times are checked when objects are written; one that is none is no reason to show no table.
            return null;
        }
    }

    /** A length of time; clocks may differ by a second before it becomes {@code <invalid>}. */
    public static String human(Duration duration) {
        long seconds = duration.toMillis() / 1_000;
        if (seconds < -1) {
            return "<invalid>";
        }
        if (seconds < 0) {
            return "0s";
        }
        if (seconds < 120) {
            return seconds + "s";
        }
        long minutes = seconds / 60;
        if (minutes < 10) {
            return with(minutes, "m", seconds % 60, "s");
        }
        if (minutes < 180) {
            return minutes + "m";
        }
        long hours = minutes / 60;
        if (hours < 8) {
            return with(hours, "h", minutes % 60, "m");
        }
        if (hours < 48) {
            return hours + "h";
        }
        long days = hours / 24;
        if (hours < 24 * 8) {
            return with(days, "d", hours % 24, "h");
        }
        if (days < 365 * 2) {
            return days + "d";
        }
        if (days < 365 * 8) {
            return with(days / 365, "y", days % 365, "d");
        }
        return days / 365 + "y";
    }

    private static String with(long large, String largeUnit, long small, String smallUnit) {
        return small == 0 ? large + largeUnit : large + largeUnit + small + smallUnit;
    }
}
