package io.keelson.scheduler.state;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Amounts of resources, one for each number of a {@link ResourceTable}; resources beyond the end are 0. */
public final class Amounts {
    private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);
    private static final int DIGITS_MAX = 40;
    private static final BigDecimal THOUSAND = BigDecimal.valueOf(1000);

    /** Nothing of anything, for those that do not add to it. */
    static final Amounts NOTHING = new Amounts(new long[0]);

    private long[] values;

    /** Nothing of anything. */
    public Amounts() {
        this(new long[ResourceTable.PODS + 1]);
    }

    private Amounts(long[] values) {
        this.values = values;
    }

    /**
     * Out of the API's form: CPU in thousandths, all others in whole units, both rounded up.
     *
     * @param quantities null is none
     */
    public static Amounts of(@Nullable Map<String, Quantity> quantities, ResourceTable table) {
        Amounts amounts = new Amounts();
        if (quantities != null) {
            quantities.forEach((name, quantity) -> {
                int resource = table.number(name);
                amounts.set(resource, value(quantity, resource));
            });
        }
        return amounts;
    }

    private static long value(Quantity quantity, int resource) {
        BigDecimal amount = quantity.getNumericalAmount();
        // Exponents that no API server lets through would make numbers of as many digits.
        int digits = amount.precision() - amount.scale();
        if (amount.signum() > 0 && (digits > DIGITS_MAX || digits < -DIGITS_MAX)) {
            return digits > 0 ? Long.MAX_VALUE : 1;
        }
        BigDecimal units = (resource == ResourceTable.CPU ? amount.multiply(THOUSAND) : amount)
                .setScale(0, RoundingMode.CEILING)
                .max(BigDecimal.ZERO);
        return units.min(MOST).longValueExact();
    }

    /** How much of a resource. */
    public long get(int resource) {
        return resource < values.length ? values[resource] : 0;
    }

    /** Sets how much there is of a resource. */
    public void set(int resource, long value) {
        if (resource >= values.length) {
            values = Arrays.copyOf(values, resource + 1);
        }
        values[resource] = value;
    }

    /** Adds others, up to the most that a number holds. */
    public void add(Amounts others) {
        for (int i = 0; i < others.values.length; i++) {
            if (others.values[i] != 0) {
                set(i, saturated(get(i), others.values[i]));
            }
        }
    }

    private static long saturated(long one, long other) {
        long sum = one + other;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    /**
     * Takes others away that were added before.
     *
     * @return whether that was exact; it is not if a sum has been more than a number holds
     */
    public boolean subtract(Amounts others) {
        boolean exact = true;
        for (int i = 0; i < others.values.length; i++) {
            if (others.values[i] != 0) {
                exact &= get(i) < Long.MAX_VALUE;
                set(i, get(i) - others.values[i]);
            }
        }
        return exact;
    }

    /** Raises each to at least the others'. */
    public void raise(Amounts others) {
        for (int i = 0; i < others.values.length; i++) {
            if (others.values[i] > get(i)) {
                set(i, others.values[i]);
            }
        }
    }

    /** How many resources it can have something of: those with a smaller number than this. */
    public int length() {
        return values.length;
    }

    /** The same amounts, to be changed apart. */
    public Amounts copy() {
        return new Amounts(values.clone());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Amounts amounts)) {
            return false;
        }
        for (int i = 0; i < Math.max(values.length, amounts.values.length); i++) {
            if (get(i) != amounts.get(i)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        int end = values.length;
        while (end > 0 && values[end - 1] == 0) {
            end--;
        }
        return Arrays.hashCode(Arrays.copyOf(values, end));
    }

    @Override
    public String toString() {
        return Arrays.toString(values);
    }
}
