package io.keelson.apiserver.admission.podsecurity;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is forbidden: a level as it was in a release, {@code restricted:v1.30} or {@code restricted:latest}.
 *
 * @param minor of the release 1.x; {@link #LATEST} for the newest, whichever it is
 */
record Standard(Level level, int minor) {
    static final int LATEST = Integer.MAX_VALUE;

    /** What is wrong with a text that is no version. */
    static final String EXPECTED = "must be \"latest\" or \"v1.x\"";

    static final Standard PRIVILEGED = new Standard(Level.PRIVILEGED, LATEST);

    // So many digits are always a number, and never LATEST.
    private static final Pattern VERSION = Pattern.compile("v1\\.(0|[1-9][0-9]{0,8})");

    /** The minor version; null if it is no version. */
    static @Nullable Integer parseVersion(String text) {
        if (text.equals("latest")) {
            return LATEST;
        }
        var matcher = VERSION.matcher(text);
        return matcher.matches() ? Integer.valueOf(matcher.group(1)) : null;
    }

    Standard withLevel(Level newLevel) {
        return new Standard(newLevel, minor);
    }

    Standard withMinor(int newMinor) {
        return new Standard(level, newMinor);
    }

    @Override
    public String toString() {
        return level + ":" + (minor == LATEST ? "latest" : "v1." + minor);
    }
}
