package io.keelson.scheduler.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is wrong with a value, as Kubernetes words it. */
final class Refused {
    private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|µs|μs|ms|s|m|h)");
    private static final BigDecimal LONGEST = BigDecimal.valueOf(Long.MAX_VALUE);
    private static final int DIGITS_MAX = 64;

    private Refused() {}

    static IllegalArgumentException invalid(String path, Object value, String why) {
        String shown = value instanceof String ? "\"" + value + "\"" : String.valueOf(value);
        return new IllegalArgumentException(path + ": Invalid value: " + shown + ": " + why);
    }

    static IllegalArgumentException required(String path, String why) {
        return new IllegalArgumentException(path + ": Required value" + (why.isEmpty() ? "" : ": " + why));
    }

    static IllegalArgumentException duplicate(String path, String value) {
        return new IllegalArgumentException(path + ": Duplicate value: \"" + value + "\"");
    }

    static IllegalArgumentException unsupported(String path, @Nullable String value, Collection<String> supported) {
        return new IllegalArgumentException(path + ": Unsupported value: \"" + (value == null ? "" : value)
                + "\": supported values: "
                + supported.stream().sorted().map(each -> '"' + each + '"').collect(Collectors.joining(", ")));
    }

    static IllegalArgumentException forbidden(String path, String why) {
        return new IllegalArgumentException(path + ": Forbidden: " + why);
    }

    static void requireRange(String path, long value, long least, long most) {
        if (value < least || value > most) {
            throw invalid(path, value, "not in valid range [" + least + ", " + most + "]");
        }
    }

    /** A span of time as {@code 1h30m}, as Go reads them. */
    static Duration duration(String path, String text) {
        if (text.equals("0")) {
            return Duration.ZERO;
        }
        boolean isNegative = text.startsWith("-");
        Matcher part = PART.matcher(text);
        int at = isNegative || text.startsWith("+") ? 1 : 0;
        BigDecimal nanos = BigDecimal.ZERO;
        boolean isRead = text.length() > at && text.length() <= DIGITS_MAX;
        while (isRead && at < text.length()) {
            isRead = part.find(at) && part.start() == at;
            if (isRead) {
                nanos = nanos.add(new BigDecimal(part.group(1)).multiply(unit(part.group(2))));
                at = part.end();
            }
        }
        if (!isRead || nanos.compareTo(LONGEST) > 0) {
            throw invalid(path, text, "is no span of time, as 1h30m or 15s is");
        }
        return Duration.ofNanos(isNegative ? -nanos.longValue() : nanos.longValue());
    }

    private static BigDecimal unit(String name) {
        return BigDecimal.valueOf(
                switch (name) {
                    case "h" -> 3_600_000_000_000L;
                    case "m" -> 60_000_000_000L;
                    case "s" -> 1_000_000_000L;
                    case "ms" -> 1_000_000L;
                    case "ns" -> 1L;
                    default -> 1_000L;
                });
    }
}
