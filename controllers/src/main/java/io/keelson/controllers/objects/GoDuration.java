package io.keelson.controllers.objects;

import java.math.BigDecimal;
import java.time.Duration;

/**
 * Reads and writes spans of time as Go writes them, which is how flags, configuration files and schedules of Kubernetes
 * have them: {@code 1h30m}, {@code 1.5s}, {@code -10ms}, {@code 0}. What does not fit 64 bits of nanoseconds is none;
 * of a fraction less than a nanosecond is dropped. Takes no more time than there are characters.
 */
public final class GoDuration {
    /** More digits of a fraction tell of less than a nanosecond. */
    private static final int FRACTION_DIGITS_MAX = 18;

    private final String text;
    private int at;
    /** Not positive, since there is one negative number more than positive ones. */
    private long negated;

    private GoDuration(String text, int at) {
        this.text = text;
        this.at = at;
    }

    /**
     * Reads a span.
     *
     * @throws IllegalArgumentException if it is none; with the text of Go's {@code time.ParseDuration}
     */
    public static Duration parse(String text) {
        boolean isNegative = text.startsWith("-");
        int begin = isNegative || text.startsWith("+") ? 1 : 0;
        if (text.length() == begin + 1 && text.charAt(begin) == '0') {
            return Duration.ZERO;
        }
        GoDuration reading = new GoDuration(text, begin);
        if (begin == text.length()) {
            throw reading.invalid();
        }
        try {
            while (reading.at < text.length()) {
                reading.readPart();
            }
            return Duration.ofNanos(isNegative ? reading.negated : Math.negateExact(reading.negated));
        } catch (ArithmeticException e) {
            throw reading.invalid();
        }
    }

    /**
     * Reads how long something takes, which is not less than nothing.
     *
     * @throws IllegalArgumentException if it is no span, or a negative one
     */
    public static Duration length(String text) {
        Duration length = parse(text);
        if (length.isNegative()) {
            throw new IllegalArgumentException("must not be negative: " + text);
        }
        return length;
    }

    /** A span as Go shows it: {@code 3m0s}, {@code 1h0m0.5s}, {@code 20ms}, {@code 1.5\u00b5s}, {@code 0s}. */
    public static String text(Duration span) {
        if (span.isZero()) {
            return "0s";
        }
        if (span.isNegative()) {
            return "-" + text(span.negated());
        }
        if (span.toSeconds() == 0) {
            int nanos = span.toNanosPart();
            return nanos < 1_000
                    ? nanos + "ns"
                    : nanos < 1_000_000 ? shifted(nanos, 3) + "\u00b5s" : shifted(nanos, 6) + "ms";
        }
        StringBuilder text = new StringBuilder();
        if (span.toHours() > 0) {
            text.append(span.toHours()).append('h');
        }
        if (span.toMinutes() > 0) {
            text.append(span.toMinutesPart()).append('m');
        }
        return text.append(shifted(span.toSecondsPart() * 1_000_000_000L + span.toNanosPart(), 9))
                .append('s')
                .toString();
    }

    private static String shifted(long number, int places) {
        return BigDecimal.valueOf(number, places).stripTrailingZeros().toPlainString();
    }

    /** A number and its unit. */
    private void readPart() {
        int begin = at;
        // Negative, as their sum is.
        long whole = 0;
        while (at < text.length() && isDigit(text.charAt(at))) {
            whole = Math.subtractExact(Math.multiplyExact(whole, 10L), text.charAt(at) - '0');
            at++;
        }
        int digits = at - begin;
        BigDecimal fraction = BigDecimal.ZERO;
        if (at < text.length() && text.charAt(at) == '.') {
            int point = ++at;
            while (at < text.length() && isDigit(text.charAt(at))) {
                at++;
            }
            digits += at - point;
            int kept = Math.min(at - point, FRACTION_DIGITS_MAX);
            if (kept > 0) {
                fraction = BigDecimal.valueOf(Long.parseLong(text, point, point + kept, 10), kept);
            }
        }
        if (digits == 0) {
            throw invalid();
        }
        long unit = readUnit();
        long nanos = fraction.multiply(BigDecimal.valueOf(unit)).longValue();
        negated = Math.subtractExact(Math.addExact(negated, Math.multiplyExact(whole, unit)), nanos);
    }

    /** How many nanoseconds the unit has that comes next. */
    private long readUnit() {
        int begin = at;
        while (at < text.length() && text.charAt(at) != '.' && !isDigit(text.charAt(at))) {
            at++;
        }
        String name = text.substring(begin, at);
        return switch (name) {
            case "h" -> 3_600_000_000_000L;
            case "m" -> 60_000_000_000L;
            case "s" -> 1_000_000_000L;
            case "ms" -> 1_000_000L;
            // Micro has two characters that look alike.
            case "us", "\u00b5s", "\u03bcs" -> 1_000L;
            case "ns" -> 1L;
            case "" -> throw new IllegalArgumentException("time: missing unit in duration \"" + text + '"');
            default ->
                throw new IllegalArgumentException("time: unknown unit \"" + name + "\" in duration \"" + text + '"');
        };
    }

    private static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }

    private IllegalArgumentException invalid() {
        return new IllegalArgumentException("time: invalid duration \"" + text + '"');
    }
}
