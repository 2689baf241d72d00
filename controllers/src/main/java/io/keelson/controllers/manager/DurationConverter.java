package io.keelson.controllers.manager;

import io.keelson.controllers.objects.GoDuration;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads spans of time as flags of Kubernetes have them: {@code 1h30m}, {@code 15s}. None of them may be negative. */
public final class DurationConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
        try {
            return GoDuration.length(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
