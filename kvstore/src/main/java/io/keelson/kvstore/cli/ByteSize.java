package io.keelson.kvstore.cli;

/** Sizes for people, in powers of a thousand: {@code 20 kB}, {@code 1.7 MB}. */
final class ByteSize {
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    private static final double STEP = 1000;

    private ByteSize() {}

    static String format(long bytes) {
        if (bytes < 10) {
            return bytes + " B";
        }
        int unit = (int) Math.floor(Math.log((double) bytes) / Math.log(STEP));
        double value = Math.floor(bytes / Math.pow(STEP, unit) * 10 + 0.5) / 10;
        if (value < 10) {
            long tenths = Math.round(value * 10);
            return tenths / 10 + "." + tenths % 10 + " " + UNITS[unit];
        }
        return Math.round(Math.rint(value)) + " " + UNITS[unit];
    }
}
