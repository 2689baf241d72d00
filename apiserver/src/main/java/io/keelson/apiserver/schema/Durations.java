package io.keelson.apiserver.schema;

import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.MalformedException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;

/** Spans of time as Go writes them: {@code 1h30m}, {@code 1.5s}, {@code -10ms}. */
public final class Durations {
    private static final Map<String, Long> UNITS = Map.of(
            "ns", 1L,
            "us", 1_000L,
            "µs", 1_000L,
            "μs", 1_000L,
            "ms", 1_000_000L,
            "s", 1_000_000_000L,
            "m", 60_000_000_000L,
            "h", 3_600_000_000_000L);

    private static final int CHARS_MAX = 256;

    private Durations() {}

    /**
     * Reads a span.
     *
     * @throws MalformedException with the text of Go's parser
     */
    public static Duration parse(String text) {
        if (text.length() > CHARS_MAX) {
            throw invalid(text.substring(0, CHARS_MAX));
        }
        boolean negative = text.startsWith("-");
        int at = negative || text.startsWith("+") ? 1 : 0;
        if (text.substring(at).equals("0")) {
            return Duration.ZERO;
        }
        if (at == text.length()) {
            throw invalid(text);
        }
        BigDecimal nanoseconds = BigDecimal.ZERO;
        while (at < text.length()) {
            int number = at;
            while (at < text.length() && (isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
                at++;
            }
            String digits = text.substring(number, at);
            if (!digits.matches("[0-9]+\\.?[0-9]*|\\.[0-9]+")) {
                throw invalid(text);
            }
            int unit = at;
            while (at < text.length() && !isDigit(text.charAt(at)) && text.charAt(at) != '.') {
                at++;
            }
            String name = text.substring(unit, at);
            Long size = UNITS.get(name);
            if (name.isEmpty()) {
                throw new MalformedException("time: missing unit in duration " + GoText.quoted(text));
            }
            if (size == null) {
                throw new MalformedException(
                        "time: unknown unit " + GoText.quoted(name) + " in duration " + GoText.quoted(text));
            }
            nanoseconds = nanoseconds.add(
                    new BigDecimal(digits.endsWith(".") ? digits + "0" : digits).multiply(BigDecimal.valueOf(size)));
        }
        BigDecimal signed = negative ? nanoseconds.negate() : nanoseconds;
        if (signed.toBigInteger().bitLength() >= Long.SIZE) {
            throw invalid(text);
        }
        return Duration.ofNanos(signed.longValue());
    }

    /** As Go shows a span: {@code 1h0m0s}, {@code 1.5s}, {@code -10ms}, {@code 20µs}, {@code 0s}. */
    public static String text(Duration span) {
        if (span.isNegative()) {
            return "-" + text(span.negated());
        }
        if (span.isZero()) {
            return "0s";
        }
        if (span.toSeconds() == 0) {
            long nanoseconds = span.toNanos();
            return nanoseconds < 1_000
                    ? nanoseconds + "ns"
                    : nanoseconds < 1_000_000 ? decimal(nanoseconds, 3) + "µs" : decimal(nanoseconds, 6) + "ms";
        }
        StringBuilder text = new StringBuilder();
        if (span.toHours() > 0) {
            text.append(span.toHours()).append('h');
        }
        if (span.toMinutes() > 0) {
            text.append(span.toMinutesPart()).append('m');
        }
        long nanoseconds = span.toSecondsPart() * 1_000_000_000L + span.toNanosPart();
        return text.append(decimal(nanoseconds, 9)).append('s').toString();
    }

    private static String decimal(long unscaled, int scale) {
        return BigDecimal.valueOf(unscaled, scale).stripTrailingZeros().toPlainString();
    }

    private static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }

    private static MalformedException invalid(String text) {
        return new MalformedException("time: invalid duration " + GoText.quoted(text));
    }
}
