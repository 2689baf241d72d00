package io.keelson.kvstore.cli;

import java.math.BigDecimal;
import java.time.Duration;

/** Durations as Go writes and reads them: {@code 1h30m}, {@code 2.5s}, {@code 300µs}. */
final class GoDuration {
    private static final long NS_PER_US = 1_000;
    private static final long NS_PER_MS = 1_000_000;
    private static final long NS_PER_S = 1_000_000_000;
    private static final long S_PER_MINUTE = 60;
    private static final long S_PER_HOUR = 3600;
    /** The UTF-8 bytes of microseconds with either micro sign, one per character. */
    private static final String MICRO = "\u00c2\u00b5s";

    private static final String MU = "\u00ce\u00bcs";

    private GoDuration() {}

    static Duration parse(String text) {
        boolean negative = text.startsWith("-");
        String rest = negative || text.startsWith("+") ? text.substring(1) : text;
        if (rest.equals("0")) {
            return Duration.ZERO;
        }
        if (rest.isEmpty()) {
            throw invalid(text);
        }
        BigDecimal totalNs = BigDecimal.ZERO;
        while (!rest.isEmpty()) {
            int end = 0;
            while (end < rest.length() && (Character.isDigit(rest.charAt(end)) || rest.charAt(end) == '.')) {
                end++;
            }
            String number = rest.substring(0, end);
            if (number.isEmpty() || number.equals(".") || number.indexOf('.') != number.lastIndexOf('.')) {
                throw invalid(text);
            }
            int unitEnd = end;
            while (unitEnd < rest.length() && !Character.isDigit(rest.charAt(unitEnd)) && rest.charAt(unitEnd) != '.') {
                unitEnd++;
            }
            String unit = rest.substring(end, unitEnd);
            if (unit.isEmpty()) {
                throw new IllegalArgumentException("time: missing unit in duration " + GoQuote.quote(text));
            }
            totalNs = totalNs.add(new BigDecimal(number).multiply(BigDecimal.valueOf(unitNs(unit, text))));
            rest = rest.substring(unitEnd);
        }
        if (totalNs.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw invalid(text);
        }
        long ns = totalNs.longValue();
        return Duration.ofNanos(negative ? -ns : ns);
    }

    private static long unitNs(String unit, String text) {
        return switch (unit) {
            case "ns" -> 1;
            case "us", MICRO, MU -> NS_PER_US;
            case "ms" -> NS_PER_MS;
            case "s" -> NS_PER_S;
            case "m" -> S_PER_MINUTE * NS_PER_S;
            case "h" -> S_PER_HOUR * NS_PER_S;
            default ->
                throw new IllegalArgumentException(
                        "time: unknown unit " + GoQuote.quote(unit) + " in duration " + GoQuote.quote(text));
        };
    }

    private static IllegalArgumentException invalid(String text) {
        return new IllegalArgumentException("time: invalid duration " + GoQuote.quote(text));
    }

    static String format(Duration duration) {
        long ns = duration.toNanos();
        if (ns < 0) {
            return "-" + format(duration.negated());
        }
        if (ns == 0) {
            return "0s";
        }
        if (ns < NS_PER_US) {
            return ns + "ns";
        }
        if (ns < NS_PER_MS) {
            return decimal(ns, NS_PER_US) + MICRO;
        }
        if (ns < NS_PER_S) {
            return decimal(ns, NS_PER_MS) + "ms";
        }
        long seconds = ns / NS_PER_S;
        long hours = seconds / S_PER_HOUR;
        long minutes = (seconds % S_PER_HOUR) / S_PER_MINUTE;
        String rest = decimal(ns - (hours * S_PER_HOUR + minutes * S_PER_MINUTE) * NS_PER_S, NS_PER_S) + "s";
        if (hours > 0) {
            return hours + "h" + minutes + "m" + rest;
        }
        return minutes > 0 ? minutes + "m" + rest : rest;
    }

    private static String decimal(long ns, long unitNs) {
        return BigDecimal.valueOf(ns)
                .divide(BigDecimal.valueOf(unitNs))
                .stripTrailingZeros()
                .toPlainString();
    }
}
