package io.keelson.apiserver.admission.podsecurity;

import org.jspecify.annotations.Nullable;

/** How much is forbidden, from nothing on. */
enum Level {
    PRIVILEGED("privileged"),
    BASELINE("baseline"),
    RESTRICTED("restricted");

    /** What is wrong with a text that is none of them. */
    static final String EXPECTED = "must be one of privileged, baseline, restricted";

    private final String text;

    Level(String text) {
        this.text = text;
    }

    /** Null if it is none. */
    static @Nullable Level parse(String text) {
        for (Level level : values()) {
            if (level.text.equals(text)) {
                return level;
            }
        }
        return null;
    }

    @Override
    public String toString() {
        return text;
    }
}
