package io.keelson.agent.resources.placement;

import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A set of processors, by their numbers; written {@code 0-3,7}. */
public final class CpuSet {
    /** No processors. */
    public static final CpuSet NONE = new CpuSet(new BitSet());

    /** More than any machine has. */
    private static final int NUMBER_MAX = 65_535;

    private final BitSet numbers;

    private CpuSet(BitSet numbers) {
        this.numbers = numbers;
    }

    /** The processors of these numbers. */
    public static CpuSet of(Iterable<Integer> numbers) {
        BitSet bits = new BitSet();
        numbers.forEach(bits::set);
        return new CpuSet(bits);
    }

    /**
     * Reads a list as the kernel writes it; an empty text is an empty set.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static CpuSet parse(String text) {
        BitSet bits = new BitSet();
        if (text.isEmpty()) {
            return NONE;
        }
        for (String part : text.split(",", -1)) {
            int dash = part.indexOf('-');
            int first = number(dash < 0 ? part : part.substring(0, dash), text);
            int last = dash < 0 ? first : number(part.substring(dash + 1), text);
            if (first > last) {
                throw new IllegalArgumentException("invalid range \"" + part + "\" in cpuset \"" + text + '"');
            }
            bits.set(first, last + 1);
        }
        return new CpuSet(bits);
    }

    private static int number(String text, String all) {
        if (!text.isEmpty() && text.length() <= 5 && text.chars().allMatch(sign -> sign >= '0' && sign <= '9')) {
            int number = Integer.parseInt(text);
            if (number <= NUMBER_MAX) {
                return number;
            }
        }
        throw new IllegalArgumentException("\"" + text + "\" is no processor, in cpuset \"" + all + '"');
    }

    /** How many there are. */
    public int size() {
        return numbers.cardinality();
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return numbers.isEmpty();
    }

    /** Whether all of another one are in it. */
    public boolean hasAll(CpuSet other) {
        return other.minus(this).isEmpty();
    }

    /** Their numbers, the least first. */
    public List<Integer> numbers() {
        return numbers.stream().boxed().toList();
    }

    /** All of both. */
    public CpuSet plus(CpuSet other) {
        BitSet bits = (BitSet) numbers.clone();
        bits.or(other.numbers);
        return new CpuSet(bits);
    }

    /** Those of this that are not in the other. */
    public CpuSet minus(CpuSet other) {
        BitSet bits = (BitSet) numbers.clone();
        bits.andNot(other.numbers);
        return new CpuSet(bits);
    }

    /** Those that are in both. */
    public CpuSet common(CpuSet other) {
        BitSet bits = (BitSet) numbers.clone();
        bits.and(other.numbers);
        return new CpuSet(bits);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CpuSet set && numbers.equals(set.numbers);
    }

    @Override
    public int hashCode() {
        return numbers.hashCode();
    }

    /** As the kernel writes it. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int first = numbers.nextSetBit(0); first >= 0; ) {
            int last = numbers.nextClearBit(first) - 1;
            text.append(text.isEmpty() ? "" : ",").append(first);
            if (last > first) {
                text.append('-').append(last);
            }
            first = numbers.nextSetBit(last + 1);
        }
        return text.toString();
    }
}
