package io.keelson.dist.up.check;

import java.util.Locale;

/** What is said of a thing. */
enum Verdict {
    /** As it should be. */
    OK,
    /** The cluster runs, but not all of it, or not for long. */
    LIMITED,
    /** The cluster does not run without. */
    MISSING;

    String title() {
        return name().toLowerCase(Locale.ROOT);
    }
}
