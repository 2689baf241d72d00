package io.keelson.scheduler.config;

import io.keelson.controllers.objects.GoDuration;
import java.time.Duration;
import java.util.Collection;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is wrong with a value, as Kubernetes words it. */
final class Refused {
    private Refused() {}

    static IllegalArgumentException invalid(String path, Object value, String why) {
        String shown = value instanceof String ? "\"" + value + "\"" : String.valueOf(value);
        return new IllegalArgumentException(path + ": Invalid value: " + shown + ": " + why);
    }

    static IllegalArgumentException required(String path, String why) {
        return new IllegalArgumentException(path + ": Required value" + (why.isEmpty() ? "" : ": " + why));
    }

    static IllegalArgumentException duplicate(String path, String value) {
        return new IllegalArgumentException(path + ": Duplicate value: \"" + value + "\"");
    }

    static IllegalArgumentException unsupported(String path, @Nullable String value, Collection<String> supported) {
        return new IllegalArgumentException(path + ": Unsupported value: \"" + (value == null ? "" : value)
                + "\": supported values: "
                + supported.stream().sorted().map(each -> '"' + each + '"').collect(Collectors.joining(", ")));
    }

    static IllegalArgumentException forbidden(String path, String why) {
        return new IllegalArgumentException(path + ": Forbidden: " + why);
    }

    static void requireRange(String path, long value, long least, long most) {
        if (value < least || value > most) {
            throw invalid(path, value, "not in valid range [" + least + ", " + most + "]");
        }
    }

    /** A span of time as {@code 1h30m}, as Go reads them. */
    static Duration duration(String path, String text) {
        try {
            return GoDuration.parse(text);
        } catch (IllegalArgumentException e) {
            throw invalid(path, text, String.valueOf(e.getMessage()));
        }
    }
}
