package io.keelson.agent.resources.topology;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * A set of NUMA nodes.
 *
 * @param bits of each node that is in it the bit of its number
 */
public record NodeSet(long bits) {
    /** No nodes. */
    public static final NodeSet NONE = new NodeSet(0);

    /** Numbers of nodes are less. */
    public static final int NUMBER_LIMIT = Long.SIZE;

    /** Sets of more nodes than these have too many parts to look at each. */
    public static final int LOOKED_AT_MAX = 16;

    /** The one with fewer nodes first; of two with as many, the one with the lower numbers. */
    static final Comparator<NodeSet> NARROWEST_FIRST =
            Comparator.comparingInt(NodeSet::size).thenComparing(NodeSet::bits, Long::compareUnsigned);

    /**
     * The nodes of these numbers.
     *
     * @throws IllegalArgumentException if no node can have such a number
     */
    public static NodeSet of(Collection<Integer> numbers) {
        long bits = 0;
        for (int number : numbers) {
            if (number < 0 || number >= NUMBER_LIMIT) {
                throw new IllegalArgumentException("no NUMA node has the number " + number);
            }
            bits |= 1L << number;
        }
        return new NodeSet(bits);
    }

    /** How many there are. */
    public int size() {
        return Long.bitCount(bits);
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return bits == 0;
    }

    /** Whether one is in it. */
    public boolean has(int number) {
        return number >= 0 && number < NUMBER_LIMIT && (bits >>> number & 1) != 0;
    }

    /** Whether all of another one are in it. */
    public boolean hasAll(NodeSet other) {
        return (other.bits & ~bits) == 0;
    }

    /** Those that are in both. */
    public NodeSet common(NodeSet other) {
        return new NodeSet(bits & other.bits);
    }

    /** Their numbers, the least first. */
    public List<Integer> numbers() {
        List<Integer> numbers = new ArrayList<>();
        for (long left = bits; left != 0; left &= left - 1) {
            numbers.add(Long.numberOfTrailingZeros(left));
        }
        return numbers;
    }

    /**
     * All sets of some of these nodes, without the empty one, the narrowest first.
     *
     * @throws IllegalStateException if these are more than {@link #LOOKED_AT_MAX}
     */
    public List<NodeSet> parts() {
        if (size() > LOOKED_AT_MAX) {
            throw new IllegalStateException(size() + " NUMA nodes have too many parts");
        }
        List<NodeSet> parts = new ArrayList<>(1 << size());
        for (long part = bits; part != 0; part = (part - 1) & bits) {
            parts.add(new NodeSet(part));
        }
        parts.sort(NARROWEST_FIRST);
        return parts;
    }

    /** The numbers: {@code [0, 1]}. */
    @Override
    public String toString() {
        return numbers().toString();
    }
}
