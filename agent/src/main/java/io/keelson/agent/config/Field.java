package io.keelson.agent.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A field of the configuration.
 *
 * @param path where it is, with dots between the parts
 * @param preset what it is where nothing is said; null for nothing
 * @param keepsZero whether nothing, zero or false is a value of its own rather than the default
 * @param standing what becomes of it here
 */
record Field(String path, FieldKind kind, @Nullable JsonNode preset, boolean keepsZero, Standing standing) {

    /** What becomes of a value. */
    sealed interface Standing {
        /** It is done. */
        record Honoured() implements Standing {}

        /** It changes nothing, whatever it is. */
        record Idle(String why) implements Standing {}

        /**
         * Some values are so anyway, and others cannot be had.
         *
         * @param values besides the default, as flags write them
         */
        record Only(List<String> values, String why) implements Standing {}
    }

    /** The value that counts of one that was given; null for none. */
    @Nullable
    JsonNode effective(@Nullable JsonNode given) {
        return given == null || (!keepsZero && kind.isZero(given)) ? preset : given;
    }

    /**
     * Says what becomes of a value that somebody has given.
     *
     * @param told is told if it changes nothing
     * @throws IllegalArgumentException if it cannot be had
     */
    void judge(JsonNode given, Consumer<String> told) {
        JsonNode value = effective(given);
        if (value == null || value.equals(preset) || (preset == null && kind.isZero(value))) {
            return;
        }
        switch (standing) {
            case Standing.Honoured() -> {}
            case Standing.Idle(String why) -> told.accept(path + " changes nothing: " + why);
            case Standing.Only(List<String> values, String why) -> {
                for (String allowed : values) {
                    if (kind.written(allowed).equals(value)) {
                        return;
                    }
                }
                throw new IllegalArgumentException(path + ": " + value + " cannot be had: " + why);
            }
        }
    }
}
