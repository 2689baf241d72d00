package io.keelson.apiserver.cel.functions;

import static dev.cel.common.types.SimpleType.DYN;
import static dev.cel.common.types.SimpleType.STRING;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.types.ListType;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import io.keelson.apiserver.object.GoText;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code "%s has %d".format(["a", 3])}, the one string function of CEL that the library lacks. */
public final class TextFormat {
    private static final int PRECISION_MAX = 1_000;
    private static final int PRECISION = 6;

    private final String format;
    private final List<?> given;
    private final StringBuilder out = new StringBuilder();
    private int at;
    private int next;

    private TextFormat(String format, List<?> given) {
        this.format = format;
        this.given = given;
    }

    public static FunctionSet set() {
        return new FunctionSet()
                .member(
                        "format",
                        "string_format",
                        given -> Cost.walk(given[0])
                                + (given[1] instanceof List<?> values ? deep(values) : Cost.walk(given[1])),
                        given -> new TextFormat((String) given[0], (List<?>) given[1]).text(),
                        STRING,
                        STRING,
                        ListType.create(DYN));
    }

    private static long deep(List<?> values) {
        long cost = 1;
        for (Object value : values) {
            cost += Cost.EQUALITY.of(new Object[] {value, value});
        }
        return cost;
    }

    private String text() {
        while (at < format.length()) {
            char character = format.charAt(at++);
            if (character != '%') {
                out.append(character);
            } else if (at < format.length() && format.charAt(at) == '%') {
                out.append('%');
                at++;
            } else {
                clause();
            }
        }
        return out.toString();
    }

    private void clause() {
        int precision = precision();
        if (at >= format.length()) {
            throw new FunctionFailure("could not parse formatting clause: unexpected end of string");
        }
        char verb = format.charAt(at++);
        if ("sdfebxXo".indexOf(verb) < 0) {
            throw new FunctionFailure("could not parse formatting clause: unrecognized formatting clause "
                    + GoText.quoted(String.valueOf(verb)));
        }
        if (next >= given.size()) {
            throw new FunctionFailure("index " + next + " out of range");
        }
        Object value = given.get(next++);
        out.append(
                switch (verb) {
                    case 's' -> shown(value);
                    case 'd' -> decimal(value);
                    case 'f' -> fixed(value, precision);
                    case 'e' -> scientific(value, precision);
                    case 'b' -> binary(value);
                    case 'o' -> whole(value, "octal").toString(8);
                    case 'x' -> hexadecimal(value);
                    default -> hexadecimal(value).toUpperCase(Locale.ROOT);
                });
    }

    private int precision() {
        if (at >= format.length() || format.charAt(at) != '.') {
            return PRECISION;
        }
        int begin = ++at;
        while (at < format.length() && format.charAt(at) >= '0' && format.charAt(at) <= '9') {
            at++;
        }
        int digits = at - begin;
        if (digits == 0 || digits > 4 || Integer.parseInt(format.substring(begin, at)) > PRECISION_MAX) {
            throw new FunctionFailure("could not parse formatting clause: error while converting precision to integer");
        }
        return Integer.parseInt(format.substring(begin, at));
    }

    private static String shown(Object value) {
        return switch (value) {
            case String text -> text;
            case Double number -> number(number);
            case NullValue none -> "null";
            case Duration span -> seconds(span);
            case CelByteString bytes -> new String(bytes.toByteArray(), StandardCharsets.UTF_8);
            case Long number -> number.toString();
            case Boolean truth -> truth.toString();
            case UnsignedLong number -> number.toString();
            case Instant time -> time.toString();
            case List<?> list -> list.stream().map(TextFormat::shown).collect(Collectors.joining(", ", "[", "]"));
            case Map<?, ?> map ->
                map.entrySet().stream()
                        .map(entry -> shown(entry.getKey()) + ": " + shown(entry.getValue()))
                        .sorted()
                        .collect(Collectors.joining(", ", "{", "}"));
            default ->
                throw new FunctionFailure("error during formatting: string clause can only be used on strings, bools,"
                        + " bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given "
                        + type(value));
        };
    }

    private static String number(Double number) {
        if (number.isNaN()) {
            return "NaN";
        }
        if (number.isInfinite()) {
            return number > 0 ? "Infinity" : "-Infinity";
        }
        String plain = new BigDecimal(number.toString()).stripTrailingZeros().toPlainString();
        return plain.equals("0") && 1 / number < 0 ? "-0" : plain;
    }

    private static String seconds(Duration span) {
        return BigDecimal.valueOf(span.getSeconds())
                        .add(BigDecimal.valueOf(span.getNano(), 9))
                        .stripTrailingZeros()
                        .toPlainString()
                + "s";
    }

    private static String decimal(Object value) {
        return switch (value) {
            case Long number -> number.toString();
            case UnsignedLong number -> number.toString();
            case Double number when !Double.isFinite(number) -> number(number);
            default ->
                throw new FunctionFailure(
                        "error during formatting: decimal clause can only be used on integers, was given "
                                + type(value));
        };
    }

    private static String fixed(Object value, int precision) {
        if (value instanceof Double number && Double.isFinite(number)) {
            return new BigDecimal(number)
                    .setScale(precision, RoundingMode.HALF_EVEN)
                    .toPlainString();
        }
        if (value instanceof Double number) {
            return number(number);
        }
        if (value instanceof Long number) {
            return new BigDecimal(number)
                    .setScale(precision, RoundingMode.HALF_EVEN)
                    .toPlainString();
        }
        throw new FunctionFailure(
                "error during formatting: fixed-point clause can only be used on doubles, was given " + type(value));
    }

    private static String scientific(Object value, int precision) {
        if (!(value instanceof Double number)) {
            throw new FunctionFailure(
                    "error during formatting: scientific clause can only be used on doubles, was given " + type(value));
        }
        if (!Double.isFinite(number)) {
            return number(number);
        }
        BigDecimal rounded = new BigDecimal(number).round(new MathContext(precision + 1, RoundingMode.HALF_EVEN));
        int exponent = rounded.signum() == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
        String digits = rounded.movePointLeft(exponent)
                .setScale(precision, RoundingMode.HALF_EVEN)
                .toPlainString();
        return digits + 'e' + (exponent < 0 ? '-' : '+') + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }

    private static String binary(Object value) {
        if (value instanceof Boolean truth) {
            return truth ? "1" : "0";
        }
        return whole(value, "binary").toString(2);
    }

    private static String hexadecimal(Object value) {
        return switch (value) {
            case String text -> HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
            case CelByteString bytes -> HexFormat.of().formatHex(bytes.toByteArray());
            default -> whole(value, "hex").toString(16);
        };
    }

    private static BigInteger whole(Object value, String clause) {
        return switch (value) {
            case Long number -> BigInteger.valueOf(number);
            case UnsignedLong number -> number.bigIntegerValue();
            default ->
                throw new FunctionFailure("error during formatting: only integers"
                        + (clause.equals("binary")
                                ? " and bools"
                                : clause.equals("hex") ? ", byte buffers, and strings" : "")
                        + " can be formatted as " + clause + ", was given " + type(value));
        };
    }

    private static String type(Object value) {
        return switch (value) {
            case String text -> "string";
            case Long number -> "int";
            case UnsignedLong number -> "uint";
            case Double number -> "double";
            case Boolean truth -> "bool";
            case CelByteString bytes -> "bytes";
            case List<?> list -> "list";
            case Map<?, ?> map -> "map";
            case Instant time -> "google.protobuf.Timestamp";
            case Duration span -> "google.protobuf.Duration";
            case NullValue none -> "null_type";
            default -> value.getClass().getSimpleName();
        };
    }
}
