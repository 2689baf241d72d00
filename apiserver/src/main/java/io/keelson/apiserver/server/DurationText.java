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
            throw new TypeConversionException("\"" + text + "\" is no duration such as 1h30m or 90s");
        }
    }
}
