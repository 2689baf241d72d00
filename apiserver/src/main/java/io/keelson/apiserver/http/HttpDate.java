package io.keelson.apiserver.http;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The time as the {@code Date} field writes it (RFC 9110, 5.6.7); made once a second. */
final class HttpDate {
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private record Made(long second, String text) {}

    private static volatile Made last = new Made(Long.MIN_VALUE, "");

    private HttpDate() {}

    static String of(Instant time) {
        Made made = last;
        if (made.second != time.getEpochSecond()) {
            made = new Made(time.getEpochSecond(), FORMAT.format(time));
            last = made;
        }
        return made.text;
    }
}
