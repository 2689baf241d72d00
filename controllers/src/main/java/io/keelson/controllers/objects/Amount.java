package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An exact amount of a resource, with the style in which it is written. Equal amounts are not always written alike:
 * {@code 1024} and {@code 1Ki}; {@link #isAsMuchAs} asks for the number.
 */
public record Amount(BigDecimal number, Style style) implements Comparable<Amount> {
    /** Nothing. */
    public static final Amount ZERO = of(0);

    /** One thing. */
    public static final Amount ONE = of(1);

    private static final Set<String> BINARY_SUFFIXES = Set.of("Ki", "Mi", "Gi", "Ti", "Pi", "Ei");
    private static final String[] DECIMAL = {"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
    private static final String[] BINARY = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
    private static final BigInteger KIBI = BigInteger.valueOf(1024);
    /** Finer amounts are rounded up. */
    private static final int NANO = 9;
    /** Larger powers of ten would fill the memory with zeros. */
    private static final int EXPONENT_MAX = 1024;

    /** How an amount is written. */
    public enum Style {
        /** {@code 12k}. */
        DECIMAL,
        /** {@code 12Ki}. */
        BINARY,
        /** {@code 12e3}. */
        EXPONENT
    }

    /** A number of bytes, written with {@code Ki}, {@code Mi} and so on. */
    public static Amount bytes(long bytes) {
        return new Amount(BigDecimal.valueOf(bytes), Style.BINARY);
    }

    /** A number of things. */
    public static Amount of(long number) {
        return new Amount(BigDecimal.valueOf(number), Style.DECIMAL);
    }

    /** What is written; nothing if that is no amount. */
    public static Amount of(@Nullable Quantity quantity) {
        if (quantity == null || quantity.getAmount() == null) {
            return ZERO;
        }
        String suffix = quantity.getFormat() == null ? "" : quantity.getFormat();
        try {
            if (suffix.length() > 5 || new BigDecimal(quantity.getAmount()).precision() > EXPONENT_MAX) {
                return ZERO;
            }
            BigDecimal number = Quantity.getAmountInBytes(quantity);
            if (Math.abs(number.scale()) > EXPONENT_MAX) {
                return ZERO;
            }
            return new Amount(number.scale() > NANO ? number.setScale(NANO, RoundingMode.UP) : number, style(suffix));
        } catch (ArithmeticException | IllegalArgumentException e) {
            // No server stores such an amount; one that does says nothing by it.
            return ZERO;
        }
    }

    private static Style style(String suffix) {
        if (BINARY_SUFFIXES.contains(suffix)) {
            return Style.BINARY;
        }
        boolean exponent = suffix.length() > 1 && (suffix.charAt(0) == 'e' || suffix.charAt(0) == 'E');
        return exponent ? Style.EXPONENT : Style.DECIMAL;
    }

    /** What is written in a list of resources. */
    public static Map<String, Amount> list(@Nullable Map<String, Quantity> resources) {
        Map<String, Amount> list = new TreeMap<>();
        if (resources != null) {
            resources.forEach((name, quantity) -> list.put(name, of(quantity)));
        }
        return list;
    }

    /** Adds amounts to others, name by name. */
    public static void addTo(Map<String, Amount> sum, Map<String, Amount> amounts) {
        amounts.forEach((name, amount) -> sum.merge(name, amount, Amount::plus));
    }

    /** Raises amounts to others, name by name, where those are more. */
    public static void raiseTo(Map<String, Amount> largest, Map<String, Amount> amounts) {
        amounts.forEach(
                (name, amount) -> largest.merge(name, amount, (one, two) -> one.compareTo(two) >= 0 ? one : two));
    }

    /** The sum, in the style of this one unless it is nothing. */
    public Amount plus(Amount other) {
        return new Amount(number.add(other.number), isZero() ? other.style : style);
    }

    /** Whether it is nothing. */
    public boolean isZero() {
        return number.signum() == 0;
    }

    /** By the number alone, however it is written. */
    @Override
    public int compareTo(Amount other) {
        return number.compareTo(other.number);
    }

    /** Whether it is the same number, however it is written. */
    public boolean isAsMuchAs(@Nullable Amount other) {
        return other != null && compareTo(other) == 0;
    }

    /** The same in whole pieces, rounded up. */
    public Amount whole() {
        return new Amount(number.setScale(0, RoundingMode.CEILING), style);
    }

    /** In canonical form: without a fraction, with the largest suffix that needs none. */
    public Quantity quantity() {
        return Quantity.parse(text());
    }

    private String text() {
        if (isZero()) {
            return "0";
        }
        BigDecimal stripped = number.stripTrailingZeros();
        // Small amounts and fractions are written in decimal whatever the style: nothing is lost.
        if (style == Style.BINARY && stripped.scale() <= 0 && stripped.abs().compareTo(BigDecimal.valueOf(1024)) >= 0) {
            BigInteger left = stripped.toBigIntegerExact();
            int power = 0;
            while (power < BINARY.length - 1 && left.mod(KIBI).signum() == 0) {
                left = left.divide(KIBI);
                power++;
            }
            return left + BINARY[power];
        }
        int power = Math.floorDiv(-stripped.scale(), 3);
        if (style != Style.EXPONENT) {
            power = Math.min(power, 6);
        }
        String digits = stripped.movePointLeft(3 * power).toBigIntegerExact().toString();
        if (style == Style.EXPONENT) {
            return power == 0 ? digits : digits + 'e' + 3 * power;
        }
        return digits + DECIMAL[power + 3];
    }
}
