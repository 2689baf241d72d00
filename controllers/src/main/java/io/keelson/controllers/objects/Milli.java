package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/** Quantities as thousandths, in which metrics are calculated. */
public final class Milli {
    private static final BigDecimal THOUSAND = BigDecimal.valueOf(1000);
    private static final BigDecimal LONG_MAX = BigDecimal.valueOf(Long.MAX_VALUE);
    private static final int DIGITS_MAX = 30;
    private static final String[] SUFFIXES = {"m", "", "k", "M", "G", "T", "P"};

    private Milli() {}

    /**
     * A quantity in thousandths, rounded up; at most what a long holds.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static long of(Quantity quantity) {
        BigDecimal value;
        try {
            value = quantity.getNumericalAmount();
        } catch (ArithmeticException | IllegalArgumentException e) {
            throw new IllegalArgumentException("not a quantity: " + quantity, e);
        }
        // Before its digits are written out: a few signs can stand for more of them than memory holds.
        long digits = (long) value.precision() - value.scale();
        if (digits > DIGITS_MAX) {
            return value.signum() < 0 ? -Long.MAX_VALUE : Long.MAX_VALUE;
        }
        if (digits < -DIGITS_MAX) {
            return Math.max(0, value.signum());
        }
        BigDecimal milli = value.multiply(THOUSAND).setScale(0, RoundingMode.CEILING);
        return milli.abs().compareTo(LONG_MAX) > 0
                ? (milli.signum() < 0 ? -Long.MAX_VALUE : Long.MAX_VALUE)
                : milli.longValue();
    }

    /** Thousandths as a quantity in its shortest form: 1500 is {@code 1500m}, 2000 is {@code 2}. */
    public static Quantity quantity(long milli) {
        long amount = milli;
        int suffix = 0;
        while (amount != 0 && amount % 1000 == 0 && suffix < SUFFIXES.length - 1) {
            amount /= 1000;
            suffix++;
        }
        return amount == 0 ? new Quantity("0") : new Quantity(Long.toString(amount), SUFFIXES[suffix]);
    }

    /** A sum; at most what a long holds. */
    public static long sum(Iterable<Long> values) {
        BigInteger sum = BigInteger.ZERO;
        for (long value : values) {
            sum = sum.add(BigInteger.valueOf(value));
        }
        return sum.bitLength() < Long.SIZE ? sum.longValue() : (sum.signum() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE);
    }
}
