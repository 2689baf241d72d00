package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.IntOrString;
import org.jspecify.annotations.Nullable;

/** A number of things that is given as such or as a percentage of all. */
public final class Scaled {
    private Scaled() {}

    /**
     * The number; not below 0.
     *
     * @param value a number, or text as {@code 25%}; null is 0
     * @param total what a percentage is of
     * @param roundUp whether a part counts as a whole
     * @throws IllegalArgumentException if it is neither
     */
    public static int of(@Nullable IntOrString value, int total, boolean roundUp) {
        if (value == null) {
            return 0;
        }
        Integer number = value.getIntVal();
        if (number != null) {
            return Math.max(0, number);
        }
        long hundredths = Math.max(0, percent(OrEmpty.of(value.getStrVal()))) * (long) total;
        long scaled = roundUp ? Math.ceilDiv(hundredths, 100) : hundredths / 100;
        return (int) Math.min(Integer.MAX_VALUE, scaled);
    }

    private static int percent(String text) {
        if (!text.endsWith("%")) {
            throw new IllegalArgumentException("invalid type: string is not a percentage");
        }
        try {
            return Integer.parseInt(text, 0, text.length() - 1, 10);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("invalid value \"" + text + "\"", e);
        }
    }
}
