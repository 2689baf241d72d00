package io.keelson.apiserver.services;

import java.util.BitSet;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Which ports of a range are taken. Not for several threads. */
final class PortSet {
    private final PortRange range;
    private final BitSet taken;

    PortSet(PortRange range) {
        this(range, new BitSet());
    }

    private PortSet(PortRange range, BitSet taken) {
        this.range = range;
        this.taken = taken;
    }

    /** @param bytes a number, its highest byte first, whose bit {@code i} stands for the {@code i}-th port of the range */
    static PortSet of(PortRange range, byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        BitSet taken = BitSet.valueOf(reversed);
        taken.clear(range.size(), Math.max(range.size(), taken.length()));
        return new PortSet(range, taken);
    }

    /** As {@link #of} reads it, without leading zeros. */
    byte[] bytes() {
        byte[] lowest = taken.toByteArray();
        byte[] bytes = new byte[lowest.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = lowest[bytes.length - 1 - i];
        }
        return bytes;
    }

    PortRange range() {
        return range;
    }

    boolean has(int port) {
        return range.contains(port) && taken.get(port - range.first());
    }

    /** @return false if it is taken, or not of this range */
    boolean take(int port) {
        if (!range.contains(port) || has(port)) {
            return false;
        }
        taken.set(port - range.first());
        return true;
    }

    /**
     * Takes a port that is free, of those above the part that is left to be chosen if there is one.
     *
     * @return 0 if none is free
     */
    int takeAny(RandomGenerator random) {
        int chosen = range.chosen();
        int port = free(chosen, range.size(), random);
        port = port < 0 ? free(0, chosen, random) : port;
        if (port < 0) {
            return 0;
        }
        taken.set(port);
        return range.first() + port;
    }

    private int free(int from, int to, RandomGenerator random) {
        if (from >= to) {
            return -1;
        }
        int start = random.nextInt(from, to);
        int found = taken.nextClearBit(start);
        if (found < to) {
            return found;
        }
        found = taken.nextClearBit(from);
        return found < start ? found : -1;
    }

    void giveBack(int port) {
        if (range.contains(port)) {
            taken.clear(port - range.first());
        }
    }

    int count() {
        return taken.cardinality();
    }

    /** All that are taken. */
    IntStream ports() {
        return taken.stream().map(bit -> range.first() + bit);
    }
}
