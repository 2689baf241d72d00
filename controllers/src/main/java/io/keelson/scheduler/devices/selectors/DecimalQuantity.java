package io.keelson.scheduler.devices.selectors;

import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.controllers.objects.OrEmpty;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How much a quantity is, whatever it is written like: {@code 1Ki} and {@code 1024} are the same.
 *
 * @param value without zeros at its end
 */
public record DecimalQuantity(BigDecimal value) implements Comparable<DecimalQuantity> {
    private static final int CHARS_MAX = 128;
    private static final Pattern FORM = Pattern.compile(
            "(?<number>[+-]?(?:\\d+(?:\\.\\d*)?|\\.\\d+))(?:(?<unit>[KMGTPE]i|[numkMGTPE])|[eE](?<exponent>[+-]?\\d{1,3}))?");
    private static final Map<String, BigDecimal> UNITS = Map.ofEntries(
            Map.entry("n", BigDecimal.ONE.scaleByPowerOfTen(-9)),
            Map.entry("u", BigDecimal.ONE.scaleByPowerOfTen(-6)),
            Map.entry("m", BigDecimal.ONE.scaleByPowerOfTen(-3)),
            Map.entry("k", BigDecimal.ONE.scaleByPowerOfTen(3)),
            Map.entry("M", BigDecimal.ONE.scaleByPowerOfTen(6)),
            Map.entry("G", BigDecimal.ONE.scaleByPowerOfTen(9)),
            Map.entry("T", BigDecimal.ONE.scaleByPowerOfTen(12)),
            Map.entry("P", BigDecimal.ONE.scaleByPowerOfTen(15)),
            Map.entry("E", BigDecimal.ONE.scaleByPowerOfTen(18)),
            Map.entry("Ki", BigDecimal.valueOf(1L << 10)),
            Map.entry("Mi", BigDecimal.valueOf(1L << 20)),
            Map.entry("Gi", BigDecimal.valueOf(1L << 30)),
            Map.entry("Ti", BigDecimal.valueOf(1L << 40)),
            Map.entry("Pi", BigDecimal.valueOf(1L << 50)),
            Map.entry("Ei", BigDecimal.valueOf(1L << 60)));

    public DecimalQuantity {
        value = value.stripTrailingZeros();
    }

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static DecimalQuantity parse(String text) {
        Matcher form = FORM.matcher(text);
        if (text.length() > CHARS_MAX || !form.matches()) {
            throw new IllegalArgumentException(
                    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
        }
        BigDecimal number = new BigDecimal(form.group("number"));
        String unit = OrEmpty.of(form.group("unit"));
        String exponent = OrEmpty.of(form.group("exponent"));
        if (!unit.isEmpty()) {
            number = number.multiply(Objects.requireNonNull(UNITS.get(unit), "the form has known units only"));
        } else if (!exponent.isEmpty()) {
            number = number.scaleByPowerOfTen(Integer.parseInt(exponent));
        }
        return new DecimalQuantity(number);
    }

    /**
     * Reads one of the API.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static DecimalQuantity of(@Nullable Quantity quantity) {
        if (quantity == null) {
            throw new IllegalArgumentException("there is no quantity");
        }
        return parse(OrEmpty.of(quantity.getAmount()) + OrEmpty.of(quantity.getFormat()));
    }

    @Override
    public int compareTo(DecimalQuantity other) {
        return value.compareTo(other.value);
    }

    /** Whether it is a whole number that fits into 64 bits. */
    boolean isInteger() {
        return value.scale() <= 0 && value.precision() - value.scale() <= 19 && isLong();
    }

    private boolean isLong() {
        return value.toBigInteger().bitLength() < Long.SIZE;
    }
}
