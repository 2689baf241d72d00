package io.keelson.apiserver.server;

import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.schema.Durations;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads durations of flags, as Go writes them: {@code 1h30m}, {@code 90s}. */
final class DurationText implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
        try {
            return Durations.parse(text);
        } catch (MalformedException e) {
            throw new TypeConversionException(refusal(text));
        }
    }

    /**
     * The same for a flag whose text is kept until its settings are made.
     *
     * @throws IllegalArgumentException naming the flag, if that is no duration
     */
    static Duration of(String flag, String text) {
        try {
            return Durations.parse(text);
        } catch (MalformedException e) {
            throw new IllegalArgumentException(flag + ": " + refusal(text), e);
        }
    }

    private static String refusal(String text) {
        return '"' + text + "\" is no duration such as 1h30m or 90s";
    }
}
