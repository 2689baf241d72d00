package io.keelson.agent.embedded.images.command;

import java.util.Locale;

/** Sizes as people read them, in powers of ten with three digits, as {@code crictl} and {@code docker} show them. */
final class Sizes {
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};

    private Sizes() {}

    static String shown(long bytes) {
        double size = bytes;
        int unit = 0;
        while (size >= 999.5 && unit < UNITS.length - 1) {
            size /= 1000;
            unit++;
        }
        String number = unit == 0 || size >= 99.95
                ? String.format(Locale.ROOT, "%.0f", size)
                : String.format(Locale.ROOT, size >= 9.995 ? "%.1f" : "%.2f", size);
        return (number.indexOf('.') < 0 ? number : number.replaceFirst("\\.?0+$", "")) + UNITS[unit];
    }
}
