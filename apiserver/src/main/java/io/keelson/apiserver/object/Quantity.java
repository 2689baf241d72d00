package io.keelson.apiserver.object;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An amount of a resource: {@code 100m}, {@code 1.5Gi}, {@code 12e6}. Exact; immutable; remembers in which style it was
 * written and is written in it again, in canonical form: without a fraction, with the largest suffix that needs none.
 *
 * <p>Nearly all amounts are a {@code long} and a power of ten; the others are a {@link BigDecimal}. Amounts finer than a
 * billionth are rounded up (away from zero) when they are read; binary amounts are capped at 2<sup>63</sup>−1, if the
 * original would do so. Text of canonical form is kept as it is.
 *
 * <p>Equal quantities are the same number, however they are written: {@code 1000m} equals {@code 1}.
 */
public final class Quantity implements Comparable<Quantity> {
    /** How a quantity is written. */
    public enum Style {
        /** {@code 12e6}. */
        DECIMAL_EXPONENT,
        /** {@code 12Mi}. */
        BINARY,
        /** {@code 12M}. */
        DECIMAL
    }

    public static final Quantity ZERO = new Quantity(0, 0, null, Style.DECIMAL, "0");

    /** What is wrong with text that has not the form of a quantity. */
    public static final String WRONG_FORM =
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    private static final String WRONG_NUMBER = "unable to parse numeric part of quantity";
    private static final String WRONG_SUFFIX = "unable to parse quantity's suffix";

    /** More digits than a quantity can need; what is longer would only cost time. */
    private static final int CHARS_MAX = 1_024;

    /** Larger powers of ten would make sums of them fill the memory with zeros. */
    private static final int EXPONENT_MAX = 1_024;

    /** All numbers of so many digits are longs. */
    private static final int LONG_DIGITS = 18;

    /** Finer amounts are rounded up. */
    private static final int NANO = -9;

    private static final String DECIMAL_SUFFIXES = "numkMGTPE";
    private static final String BINARY_SUFFIXES = "KMGTPE";
    private static final BigDecimal BINARY_MAX = BigDecimal.valueOf(Long.MAX_VALUE);
    private static final BigInteger KIBI = BigInteger.valueOf(1_024);
    private static final long[] POWERS = new long[LONG_DIGITS + 1];

    static {
        POWERS[0] = 1;
        for (int i = 1; i < POWERS.length; i++) {
            POWERS[i] = POWERS[i - 1] * 10;
        }
    }

    /** The amount is {@code number} × 10<sup>{@code scale}</sup>, unless {@link #large} is there. */
    private final long number;

    private final int scale;
    private final @Nullable BigDecimal large;
    private final Style style;

    /** Made when it is first asked for; two threads that make it make the same. */
    private @Nullable String text;

    private Quantity(long number, int scale, @Nullable BigDecimal large, Style style, @Nullable String text) {
        this.number = number;
        this.scale = scale;
        this.large = large;
        this.style = style;
        this.text = text;
    }

    /** A whole number of units. */
    public static Quantity of(long value, Style style) {
        return new Quantity(value, 0, null, style, null);
    }

    /** A whole number of thousandths. */
    public static Quantity ofMilli(long thousandths, Style style) {
        return new Quantity(thousandths, -3, null, style, null);
    }

    /**
     * The quantity that stands in an object: text, or a number as it is written; zero if there is none.
     *
     * @throws MalformedException if it is none
     */
    public static Quantity of(@Nullable JsonNode node) {
        if (node == null || node.isNull() || node.isMissingNode()) {
            return ZERO;
        }
        return parse(node.isTextual() ? node.textValue().strip() : Json.text(node));
    }

    /**
     * Reads a quantity.
     *
     * @throws MalformedException if it is none; the message says why
     */
    public static Quantity parse(String text) {
        if (text.isEmpty()) {
            throw new MalformedException(WRONG_FORM);
        }
        if (text.length() > CHARS_MAX) {
            throw new MalformedException(WRONG_NUMBER);
        }
        return new Scanned(text).quantity();
    }

    /** Text taken apart: sign, digits before and behind the point, and what comes after them. */
    private static final class Scanned {
        private final String text;
        private final boolean negative;
        private final String whole;
        private final String fraction;
        private final String suffix;
        private int at;

        private Scanned(String text) {
            this.text = text;
            negative = text.charAt(0) == '-';
            if (negative || text.charAt(0) == '+') {
                at = 1;
            }
            while (at < text.length() && text.charAt(at) == '0') {
                at++;
            }
            String digits = digits();
            whole = digits.isEmpty() ? "0" : digits;
            if (at < text.length() && text.charAt(at) == '.') {
                at++;
                fraction = digits();
            } else {
                fraction = "";
            }
            int start = at;
            while (at < text.length() && "eEinumkKMGTP".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            if (at < text.length() && (text.charAt(at) == '-' || text.charAt(at) == '+')) {
                at++;
            }
            digits();
            if (at < text.length()) {
                throw new MalformedException(WRONG_FORM);
            }
            suffix = text.substring(start);
        }

        private String digits() {
            int start = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            return text.substring(start, at);
        }

        private Quantity quantity() {
            int decimal = suffix.length() == 1 ? DECIMAL_SUFFIXES.indexOf(suffix.charAt(0)) : -1;
            if (suffix.isEmpty()) {
                return decimal(0, Style.DECIMAL);
            } else if (decimal >= 0) {
                // The third of them, m, is followed by k: there is no suffix for 10 to the power of 0.
                return decimal(decimal < 3 ? 3 * decimal - 9 : 3 * decimal - 6, Style.DECIMAL);
            } else if (suffix.length() == 2
                    && suffix.charAt(1) == 'i'
                    && BINARY_SUFFIXES.indexOf(suffix.charAt(0)) >= 0) {
                return binary(10 * (BINARY_SUFFIXES.indexOf(suffix.charAt(0)) + 1));
            } else if (suffix.charAt(0) == 'e' || suffix.charAt(0) == 'E') {
                return decimal(exponent(), Style.DECIMAL_EXPONENT);
            }
            throw new MalformedException(WRONG_SUFFIX);
        }

        private int exponent() {
            try {
                int exponent = Integer.parseInt(suffix, 1, suffix.length(), 10);
                if (Math.abs((long) exponent) <= EXPONENT_MAX) {
                    return exponent;
                }
            } catch (NumberFormatException e) {
                // No number at all, or too large a one: refused below like any other bad suffix.
            }
            throw new MalformedException(WRONG_SUFFIX);
        }

        private Quantity decimal(int exponent, Style style) {
            String digits = whole + fraction;
            int scale = exponent - fraction.length();
            if (digits.length() <= LONG_DIGITS && scale >= NANO) {
                long number = Long.parseLong(digits);
                boolean canonical = scale % 3 == 0 && !digits.endsWith("000") && digits.charAt(0) != '0';
                return new Quantity(negative ? -number : number, scale, null, style, canonical ? text : null);
            }
            return rounded(new BigDecimal(new BigInteger(digits), -scale), style);
        }

        private Quantity binary(int power) {
            if (fraction.isEmpty() && whole.length() + power * 3 / 10 + 1 <= 15) {
                long units = Long.parseLong(whole);
                // Factors of eight may be factors of 1024, so that a larger suffix might do.
                boolean canonical = (units & 7) != 0;
                return new Quantity(
                        (negative ? -units : units) << power, 0, null, Style.BINARY, canonical ? text : null);
            }
            BigDecimal amount = new BigDecimal(new BigInteger(whole + fraction), fraction.length())
                    .multiply(new BigDecimal(BigInteger.ONE.shiftLeft(power)));
            return rounded(amount, Style.BINARY);
        }

        private Quantity rounded(BigDecimal amount, Style style) {
            BigDecimal kept = amount.scale() > -NANO ? amount.setScale(-NANO, RoundingMode.UP) : amount;
            Style written = style;
            if (style == Style.BINARY) {
                kept = kept.min(BINARY_MAX);
                if (kept.signum() > 0 && kept.compareTo(BigDecimal.ONE) < 0) {
                    written = Style.DECIMAL;
                }
            }
            return new Quantity(0, 0, negative ? kept.negate() : kept, written, null);
        }
    }

    public Style style() {
        return style;
    }

    public boolean isZero() {
        return signum() == 0;
    }

    /** −1, 0 or 1. */
    public int signum() {
        return large != null ? large.signum() : Long.signum(number);
    }

    /** The number itself. */
    public BigDecimal decimal() {
        return large != null ? large : BigDecimal.valueOf(number, -scale);
    }

    /** The number of whole units, rounded away from zero; the largest or smallest long if it is none. */
    public long value() {
        return scaledValue(0);
    }

    /** The number of thousandths, rounded away from zero; the largest or smallest long if it is none. */
    public long milliValue() {
        return scaledValue(-3);
    }

    /** The number divided by 10<sup>{@code power}</sup>, rounded away from zero; capped like {@link #value}. */
    public long scaledValue(int power) {
        if (large == null && scale == power) {
            return number;
        }
        if (large == null && scale > power && scale - power <= LONG_DIGITS) {
            long factor = POWERS[scale - power];
            if (Math.multiplyHigh(number, factor) == (number * factor) >> 63) {
                return number * factor;
            }
        }
        BigInteger rounded =
                decimal().scaleByPowerOfTen(-power).setScale(0, RoundingMode.UP).toBigInteger();
        if (rounded.bitLength() < Long.SIZE) {
            return rounded.longValue();
        }
        return rounded.signum() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }

    /** The sum, in this one's style, or in the other's if this one is zero. */
    public Quantity add(Quantity other) {
        Style sumStyle = isZero() ? other.style : style;
        if (large == null && other.large == null) {
            int sumScale = number == 0 ? other.scale : other.number == 0 ? scale : Math.min(scale, other.scale);
            try {
                long sum = Math.addExact(scaled(sumScale), other.scaled(sumScale));
                return new Quantity(sum, sumScale, null, sumStyle, null);
            } catch (ArithmeticException e) {
                // More than a long holds: the exact way below does it.
            }
        }
        return new Quantity(0, 0, decimal().add(other.decimal()), sumStyle, null);
    }

    /** The number in units of 10<sup>{@code target}</sup>, which is not more than this one's scale. */
    private long scaled(int target) {
        if (number == 0 || scale == target) {
            return number;
        }
        int power = scale - target;
        if (power > LONG_DIGITS) {
            throw new ArithmeticException("10^" + power + " is no long");
        }
        return Math.multiplyExact(number, POWERS[power]);
    }

    /** The difference, in this one's style, or in the other's if this one is zero. */
    public Quantity subtract(Quantity other) {
        return add(other.negate());
    }

    public Quantity negate() {
        if (large != null || number == Long.MIN_VALUE) {
            return new Quantity(0, 0, decimal().negate(), style, null);
        }
        return new Quantity(-number, scale, null, style, null);
    }

    /** So many times as much. */
    public Quantity multiply(long factor) {
        if (large == null && Math.multiplyHigh(number, factor) == (number * factor) >> 63) {
            return new Quantity(number * factor, scale, null, style, null);
        }
        return new Quantity(0, 0, decimal().multiply(BigDecimal.valueOf(factor)), style, null);
    }

    @Override
    public int compareTo(Quantity other) {
        if (large == null && other.large == null && (scale == other.scale || signum() != other.signum())) {
            return Long.compare(number, other.number);
        }
        return decimal().compareTo(other.decimal());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Quantity quantity && compareTo(quantity) == 0;
    }

    @Override
    public int hashCode() {
        return isZero() ? 0 : Objects.hashCode(decimal().stripTrailingZeros());
    }

    /** In canonical form: {@code 1500m}, {@code 1536Mi}, {@code 12e6}. */
    @Override
    public String toString() {
        String made = text;
        if (made == null) {
            made = canonical();
            text = made;
        }
        return made;
    }

    private String canonical() {
        if (isZero()) {
            return "0";
        }
        if (style == Style.BINARY && large == null && scale == 0 && (number >= 1_024 || number <= -1_024)) {
            return binaryText(number);
        }
        BigDecimal amount = decimal().stripTrailingZeros();
        return style == Style.BINARY && fitForBinary(amount)
                ? binaryText(amount.toBigIntegerExact())
                : decimalText(amount, style);
    }

    /** Whether it is whole and has a use for a binary suffix. */
    private static boolean fitForBinary(BigDecimal amount) {
        return amount.scale() <= 0 && amount.abs().compareTo(BigDecimal.valueOf(1_024)) >= 0;
    }

    private static String binaryText(long amount) {
        long rest = amount;
        int power = 0;
        while (power < BINARY_SUFFIXES.length() && rest % 1_024 == 0) {
            rest /= 1_024;
            power++;
        }
        return power == 0 ? Long.toString(rest) : Long.toString(rest) + BINARY_SUFFIXES.charAt(power - 1) + 'i';
    }

    private static String binaryText(BigInteger amount) {
        BigInteger rest = amount;
        int power = 0;
        while (power < BINARY_SUFFIXES.length()) {
            BigInteger[] parts = rest.divideAndRemainder(KIBI);
            if (parts[1].signum() != 0) {
                break;
            }
            rest = parts[0];
            power++;
        }
        return power == 0 ? rest.toString() : rest.toString() + BINARY_SUFFIXES.charAt(power - 1) + 'i';
    }

    private static String decimalText(BigDecimal stripped, Style style) {
        int exponent = Math.floorDiv(-stripped.scale(), 3) * 3;
        if (style != Style.DECIMAL_EXPONENT) {
            exponent = Math.min(exponent, 18);
        }
        String digits =
                stripped.scaleByPowerOfTen(-exponent).toBigIntegerExact().toString();
        if (exponent == 0) {
            return digits;
        } else if (style == Style.DECIMAL_EXPONENT) {
            return digits + 'e' + exponent;
        }
        return digits + DECIMAL_SUFFIXES.charAt(exponent < 0 ? exponent / 3 + 3 : exponent / 3 + 2);
    }
}
