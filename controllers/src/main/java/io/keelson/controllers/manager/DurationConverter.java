package io.keelson.controllers.manager;

import io.fabric8.kubernetes.api.model.Duration;
import java.text.ParseException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads spans of time as flags of Kubernetes have them: {@code 1h30m}, {@code 15s}. */
public final class DurationConverter implements ITypeConverter<java.time.Duration> {
    @Override
    public java.time.Duration convert(String text) {
        if (text.equals("0")) {
            return java.time.Duration.ZERO;
        }
        try {
            return Duration.parse(text).getDuration();
        } catch (ParseException e) {
            throw new TypeConversionException("'" + text + "' is no span of time, as 1h30m or 15s is");
        }
    }
}
