package io.keelson.kvstore.gateway;

import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The header {@code Grpc-Timeout}: up to eight digits and a unit, as gRPC over HTTP/2 has it. */
final class GrpcTimeout {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,8})([HMSmun])");

    private GrpcTimeout() {}

    /** The time in nanoseconds; negative if the text is none. */
    static long nanos(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return -1;
        }
        TimeUnit unit = switch (matcher.group(2).charAt(0)) {
            case 'H' -> TimeUnit.HOURS;
            case 'M' -> TimeUnit.MINUTES;
            case 'S' -> TimeUnit.SECONDS;
            case 'm' -> TimeUnit.MILLISECONDS;
            case 'u' -> TimeUnit.MICROSECONDS;
            default -> TimeUnit.NANOSECONDS;
        };
        return unit.toNanos(Long.parseLong(matcher.group(1)));
    }
}
