package io.keelson.dist;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads truth values of flags as programs in Go do: {@code true}, {@code True}, {@code t} and {@code 1} are the same. Command
 * lines of clusters have all of them.
 */
final class TruthValue implements ITypeConverter<Boolean> {
    @Override
    public Boolean convert(String text) {
        return switch (text) {
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default -> throw new TypeConversionException("'" + text + "' is not a boolean");
        };
    }
}
