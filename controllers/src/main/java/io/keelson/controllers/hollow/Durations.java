package io.keelson.controllers.hollow;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Kubernetes' users write them: {@code 300ms}, {@code 1.5s}, {@code 2h45m}. */
final class Durations {
    private static final Pattern PART = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,9})?)(ms|s|m|h)");
    private static final BigDecimal MILLIS_MAX =
            BigDecimal.valueOf(Duration.ofDays(36_500).toMillis());

    private Durations() {}

    /**
     * Reads a duration; {@code 0} needs no unit.
     *
     * @throws IllegalArgumentException if it is none, or longer than a hundred years
     */
    static Duration parse(String text) {
        if (text.equals("0")) {
            return Duration.ZERO;
        }
        BigDecimal millis = BigDecimal.ZERO;
        Matcher part = PART.matcher(text);
        int end = 0;
        while (part.find(end) && part.start() == end) {
            millis = millis.add(new BigDecimal(part.group(1)).multiply(millis(part.group(2))));
            end = part.end();
            if (end == text.length()) {
                break;
            }
        }
        if (end == 0 || end != text.length() || millis.compareTo(MILLIS_MAX) > 0) {
            throw new IllegalArgumentException("invalid duration \"" + text + '"');
        }
        return Duration.ofMillis(millis.longValue());
    }

    private static BigDecimal millis(String unit) {
        return BigDecimal.valueOf(
                switch (unit) {
                    case "ms" -> 1;
                    case "s" -> 1000;
                    case "m" -> 60_000;
                    default -> 3_600_000;
                });
    }
}
