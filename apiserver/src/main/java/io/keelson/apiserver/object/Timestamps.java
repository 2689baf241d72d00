package io.keelson.apiserver.object;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.Month;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.chrono.IsoChronology;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Times as objects carry them: RFC 3339 in UTC, most of them to the second ({@code 2026-01-31T10:00:00Z}), those of
 * leases and events to the microsecond ({@code 2026-01-31T10:00:00.000000Z}).
 */
public final class Timestamps {
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MICROSECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    /** What Go's {@code RFC3339} layout reads: a fraction of any length, {@code Z} or an offset of hours and minutes. */
    private static final DateTimeFormatter READ = new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
            .optionalStart()
            .appendFraction(ChronoField.NANO_OF_SECOND, 1, 9, true)
            .optionalEnd()
            .appendOffset("+HH:MM", "Z")
            .toFormatter()
            .withResolverStyle(ResolverStyle.STRICT);

    private static final int CHARS_MAX = 64;

    /** The first seconds of the year 0 and of the first one that has five digits. */
    private static final long YEAR_0 = -62_167_219_200L;

    private static final long YEAR_10000 = 253_402_300_800L;

    /** {@code 2026-01-31T10:00:00}. */
    private static final int SECONDS_CHARS = 19;

    private Timestamps() {}

    /** To the second, what is finer cut off. */
    public static String seconds(Instant time) {
        long second = time.getEpochSecond();
        if (second < YEAR_0 || second >= YEAR_10000) {
            return SECONDS.format(time);
        }
        LocalDateTime utc = LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC);
        byte[] text = "0000-00-00T00:00:00Z".getBytes(StandardCharsets.ISO_8859_1);
        put(text, 4, utc.getYear());
        put(text, 7, utc.getMonthValue());
        put(text, 10, utc.getDayOfMonth());
        put(text, 13, utc.getHour());
        put(text, 16, utc.getMinute());
        put(text, SECONDS_CHARS, utc.getSecond());
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    /** Puts the digits of a number before an index. */
    private static void put(byte[] text, int end, int number) {
        int at = end;
        for (int rest = number; rest > 0; rest /= 10) {
            text[--at] = (byte) ('0' + rest % 10);
        }
    }

    /** To the microsecond, what is finer cut off. */
    public static String microseconds(Instant time) {
        return MICROSECONDS.format(time);
    }

    /** What a time becomes by being stored: to the second. */
    public static Instant stored(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS);
    }

    /**
     * Reads a time of either kind, in any zone.
     *
     * @throws MalformedException if it is none, with the text of Go's parser
     */
    public static Instant parse(String text) {
        Instant utc = utc(text);
        if (utc != null) {
            return utc;
        }
        try {
            if (text.length() <= CHARS_MAX) {
                return OffsetDateTime.parse(text, READ).toInstant();
            }
        } catch (DateTimeParseException e) {
            if (e.getCause() instanceof DateTimeException) {
                throw new MalformedException("parsing time " + GoText.quoted(text) + ": " + outOfRange(e.getCause()));
            }
        }
        String shown = text.length() <= CHARS_MAX ? text : text.substring(0, CHARS_MAX) + "...";
        String rest = GoText.quoted(unread(shown));
        throw new MalformedException(
                "parsing time " + GoText.quoted(shown) + " as \"2006-01-02T15:04:05Z07:00\": cannot" + " parse " + rest
                        + " as " + GoText.quoted(expected(shown)));
    }

    /**
     * Reads what nearly all times are, with little ado: RFC 3339 with a {@code Z} behind it, with or without a fraction of up
     * to nine digits.
     *
     * @return null for everything else, be it a time or not
     */
    public static @Nullable Instant utc(String text) {
        int length = text.length();
        boolean formed = length >= SECONDS_CHARS + 1
                && text.charAt(4) == '-'
                && text.charAt(7) == '-'
                && text.charAt(10) == 'T'
                && text.charAt(13) == ':'
                && text.charAt(16) == ':'
                && text.charAt(length - 1) == 'Z';
        if (!formed) {
            return null;
        }
        int year = digits(text, 0, 4);
        int month = digits(text, 5, 7);
        int day = digits(text, 8, 10);
        int hour = digits(text, 11, 13);
        int minute = digits(text, 14, 16);
        int second = digits(text, 17, SECONDS_CHARS);
        boolean inRange = year >= 0 && month >= 1 && month <= 12 && day >= 1 && hour >= 0 && hour < 24 && minute >= 0;
        if (!inRange
                || minute >= 60
                || second < 0
                || second >= 60
                || day > Month.of(month).length(IsoChronology.INSTANCE.isLeapYear(year))) {
            return null;
        }
        int nanos = length == SECONDS_CHARS + 1 ? 0 : fraction(text, length - 1);
        if (nanos < 0) {
            return null;
        }
        long seconds = (hour * 60L + minute) * 60 + second;
        return Instant.ofEpochSecond(LocalDate.of(year, month, day).toEpochDay() * 86_400 + seconds, nanos);
    }

    /** The nanoseconds of a fraction behind the seconds; negative if there is none. */
    private static int fraction(String text, int end) {
        int count = end - SECONDS_CHARS - 1;
        if (text.charAt(SECONDS_CHARS) != '.' || count < 1 || count > 9) {
            return -1;
        }
        int fraction = digits(text, SECONDS_CHARS + 1, end);
        for (int i = count; fraction > 0 && i < 9; i++) {
            fraction *= 10;
        }
        return fraction;
    }

    /** A number of up to nine digits; negative if it is none. */
    private static int digits(String text, int from, int end) {
        int number = 0;
        for (int i = from; i < end; i++) {
            if (!isDigit(text.charAt(i))) {
                return -1;
            }
            number = number * 10 + (text.charAt(i) - '0');
        }
        return number;
    }

    /**
     * Reads a time to the microsecond, which must have exactly six digits behind the point.
     *
     * @throws MalformedException if it is none, with the text of Go's parser
     */
    public static Instant parseMicroseconds(String text) {
        int point = text.indexOf('.');
        boolean six = point == 19 && text.length() > 26 && !isDigit(text.charAt(26));
        for (int i = 20; six && i < 26; i++) {
            six = isDigit(text.charAt(i));
        }
        if (six) {
            return parse(text);
        }
        String shown = text.length() <= CHARS_MAX ? text : text.substring(0, CHARS_MAX) + "...";
        int[] wrong = firstWrong(shown);
        boolean atFraction = wrong[1] == LAYOUT.length - 1;
        String rest = atFraction ? shown.substring(Math.min(19, shown.length())) : shown.substring(wrong[0]);
        throw new MalformedException("parsing time " + GoText.quoted(shown)
                + " as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse " + GoText.quoted(rest) + " as "
                + GoText.quoted(atFraction ? ".000000" : LAYOUT[wrong[1]]));
    }

    private static String outOfRange(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        for (String part : new String[] {"Month", "Day", "Hour", "Minute", "Second"}) {
            if (message.contains(part)) {
                return part.toLowerCase(Locale.ROOT) + " out of range";
            }
        }
        return "day out of range";
    }

    private static final String[] LAYOUT = {"2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05", "Z07:00"};

    /** The text from where it stops looking like a time. */
    private static String unread(String text) {
        return text.substring(firstWrong(text)[0]);
    }

    /** What should stand there. */
    private static String expected(String text) {
        return LAYOUT[firstWrong(text)[1]];
    }

    /** Where the text stops to look like a time, and which element of the layout it misses there. */
    private static int[] firstWrong(String text) {
        int at = 0;
        for (int element = 0; element < LAYOUT.length - 1; element++) {
            String layout = LAYOUT[element];
            boolean digits = Character.isDigit(layout.charAt(0));
            for (int i = 0; i < layout.length(); i++) {
                boolean fits = at + i < text.length()
                        && (digits ? isDigit(text.charAt(at + i)) : text.charAt(at + i) == layout.charAt(i));
                if (!fits) {
                    return new int[] {at, element};
                }
            }
            at += layout.length();
        }
        if (at < text.length() && (text.charAt(at) == '.' || text.charAt(at) == ',')) {
            int end = at + 1;
            while (end < text.length() && isDigit(text.charAt(end))) {
                end++;
            }
            at = end > at + 1 ? end : at;
        }
        return new int[] {at, LAYOUT.length - 1};
    }

    private static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }
}
