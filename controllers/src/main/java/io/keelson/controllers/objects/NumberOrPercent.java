package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.IntOrString;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A number that is given as it is, or as a share of another one: {@code 3} or {@code "25%"}. */
public final class NumberOrPercent {
    private static final Pattern PERCENT = Pattern.compile("([0-9]{1,9})%");

    private NumberOrPercent() {}

    /** The number, of which a share is rounded up. What is neither a number nor a share, or is less than 0, counts as 0. */
    public static int roundedUp(@Nullable IntOrString value, int total) {
        return number(value, total, 99);
    }

    /** The number, of which a share is rounded down. What is neither a number nor a share, or is less than 0, counts as 0. */
    public static int roundedDown(@Nullable IntOrString value, int total) {
        return number(value, total, 0);
    }

    private static int number(@Nullable IntOrString value, int total, int rounding) {
        if (value == null) {
            return 0;
        }
        if (value.getIntVal() != null) {
            return Math.max(0, value.getIntVal());
        }
        Matcher percent = PERCENT.matcher(OrEmpty.of(value.getStrVal()));
        if (!percent.matches()) {
            return 0;
        }
        return Math.clamp((Long.parseLong(percent.group(1)) * total + rounding) / 100, 0, Integer.MAX_VALUE);
    }
}
