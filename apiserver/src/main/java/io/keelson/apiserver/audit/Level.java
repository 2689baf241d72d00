package io.keelson.apiserver.audit;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How much is written down about a request; each level has what the one before it has. */
public enum Level {
    /** Nothing at all. */
    NONE("None"),
    /** Who asked for what, when and from where, and whether it was done. */
    METADATA("Metadata"),
    /** Also what the request carries. */
    REQUEST("Request"),
    /** Also what was answered. */
    REQUEST_RESPONSE("RequestResponse");

    static final List<String> TEXTS = Arrays.stream(values()).map(Level::text).toList();

    private final String text;

    Level(String text) {
        this.text = text;
    }

    /** As policies and events have it. */
    public String text() {
        return text;
    }

    /** Null if there is no such level. */
    static @Nullable Level of(String text) {
        int at = TEXTS.indexOf(text);
        return at < 0 ? null : values()[at];
    }

    boolean atLeast(Level other) {
        return compareTo(other) >= 0;
    }
}
