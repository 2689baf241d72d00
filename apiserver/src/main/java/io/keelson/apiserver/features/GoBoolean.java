package io.keelson.apiserver.features;

import org.jspecify.annotations.Nullable;

/** Reads truth values as flags of Kubernetes have them. */
final class GoBoolean {
    private GoBoolean() {}

    /** Null if it is none. */
    static @Nullable Boolean parse(String text) {
        return switch (text) {
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default -> null;
        };
    }

    /** Why a text is none. */
    static String error(String text) {
        return "strconv.ParseBool: parsing \"" + text + "\": invalid syntax";
    }
}
