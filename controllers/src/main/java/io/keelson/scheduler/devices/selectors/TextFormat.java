package io.keelson.scheduler.devices.selectors;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** {@code "%s has %d".format(["a", 3])}, the one function of CEL for texts that the library lacks. */
final class TextFormat {
    private static final Pattern CLAUSE = Pattern.compile("%(?:(%)|(?:\\.(\\d{1,4}))?([sdfebxXo])|())");
    private static final int PRECISION = 6;
    private static final int PRECISION_MAX = 1_000;

    private TextFormat() {}

    static void addTo(FunctionTable table) {
        table.member(
                "format",
                "string_format",
                SimpleType.STRING,
                given -> format((String) given[0], ((Collection<?>) given[1]).iterator()),
                SimpleType.STRING,
                ListType.create(SimpleType.DYN));
    }

    private static String format(String format, Iterator<?> given) {
        return CLAUSE.matcher(format).replaceAll(clause -> Matcher.quoteReplacement(clause(clause, given)));
    }

    private static String clause(MatchResult clause, Iterator<?> given) {
        if (clause.group(1) != null) {
            return "%";
        }
        String verb = clause.group(3);
        if (verb == null) {
            throw FunctionTable.failure("could not parse formatting clause: unrecognized formatting clause");
        }
        int precision = clause.group(2) == null ? PRECISION : Integer.parseInt(clause.group(2));
        if (precision > PRECISION_MAX) {
            throw FunctionTable.failure("could not parse formatting clause: the precision is too large");
        }
        if (!given.hasNext()) {
            throw FunctionTable.failure("index out of range: there are fewer values than clauses");
        }
        Object value = given.next();
        return switch (verb) {
            case "s" -> shown(value);
            case "d" ->
                value instanceof Double
                        ? infinite(value, verb)
                        : whole(value, verb).toString();
            case "f" -> fixed(value, precision);
            case "e" -> scientific(value, precision);
            case "b" ->
                value instanceof Boolean truth
                        ? (truth ? "1" : "0")
                        : whole(value, verb).toString(2);
            case "o" -> whole(value, verb).toString(8);
            case "x" -> hexadecimal(value, verb);
            default -> hexadecimal(value, verb).toUpperCase(Locale.ROOT);
        };
    }

    private static RuntimeException wrong(String verb, Object value) {
        return FunctionTable.failure("error during formatting: %" + verb + " cannot be used on a value of type "
                + value.getClass().getSimpleName());
    }

    private static String shown(Object value) {
        return switch (value) {
            case Double number -> number(number);
            case CelByteString bytes -> new String(bytes.toByteArray(), StandardCharsets.UTF_8);
            case Duration span ->
                number(BigDecimal.valueOf(span.getSeconds()).add(BigDecimal.valueOf(span.getNano(), 9))) + "s";
            case Collection<?> list -> list.stream().map(TextFormat::shown).collect(Collectors.joining(", ", "[", "]"));
            case Map<?, ?> map ->
                map.entrySet().stream()
                        .map(entry -> shown(entry.getKey()) + ": " + shown(entry.getValue()))
                        .sorted()
                        .collect(Collectors.joining(", ", "{", "}"));
            default -> value.toString();
        };
    }

    private static String number(Double number) {
        return Double.isFinite(number) ? number(new BigDecimal(number.toString())) : number.toString();
    }

    private static String number(BigDecimal number) {
        return number.stripTrailingZeros().toPlainString();
    }

    private static BigInteger whole(Object value, String verb) {
        return switch (value) {
            case Long number -> BigInteger.valueOf(number);
            case UnsignedLong number -> number.bigIntegerValue();
            default -> throw wrong(verb, value);
        };
    }

    /** Numbers that are none can be formatted as any. */
    private static String infinite(Object value, String verb) {
        if (value instanceof Double number && !Double.isFinite(number)) {
            return number.toString();
        }
        throw wrong(verb, value);
    }

    private static String fixed(Object value, int precision) {
        BigDecimal number;
        if (value instanceof Double real) {
            if (!Double.isFinite(real)) {
                return real.toString();
            }
            number = new BigDecimal(real);
        } else {
            number = new BigDecimal(whole(value, "f"));
        }
        return number.setScale(precision, RoundingMode.HALF_EVEN).toPlainString();
    }

    private static String scientific(Object value, int precision) {
        if (!(value instanceof Double real) || !Double.isFinite(real)) {
            return infinite(value, "e");
        }
        BigDecimal number = new BigDecimal(real).round(new MathContext(precision + 1, RoundingMode.HALF_EVEN));
        int exponent = number.signum() == 0 ? 0 : number.precision() - number.scale() - 1;
        String digits = number.movePointLeft(exponent)
                .setScale(precision, RoundingMode.HALF_EVEN)
                .toPlainString();
        return digits + 'e' + (exponent < 0 ? "-" : "+") + "%02d".formatted(Math.abs(exponent));
    }

    private static String hexadecimal(Object value, String verb) {
        return switch (value) {
            case String text -> HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
            case CelByteString bytes -> HexFormat.of().formatHex(bytes.toByteArray());
            default -> whole(value, verb).toString(16);
        };
    }
}
