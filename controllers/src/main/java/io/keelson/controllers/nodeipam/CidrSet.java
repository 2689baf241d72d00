package io.keelson.controllers.nodeipam;

import java.math.BigInteger;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The ranges of one size that a cluster's range consists of, and which of them are taken. One that two nodes have, by a
 * user's mistake, is free when both are gone. Ranges are given out in turn, so that one that was freed is not given to the
 * next node at once, while others may still speak to the last.
 *
 * <p>Not safe for several threads.
 */
final class CidrSet {
    /** So many times two ranges at most: 16 million, each a bit. */
    private static final int INDEX_BITS_MAX = 24;

    private static final int INDEX_BITS_MAX_IPV6 = 16;

    private final Cidr cluster;
    private final int nodePrefix;
    private final int size;
    private final BitSet reserved = new BitSet();
    private final BitSet taken = new BitSet();
    /** How often those are taken that are taken more than once. */
    private final Map<Integer, Integer> often = new HashMap<>();

    private int used;
    private int next;

    private final Listener listener;

    private record Range(int from, int to) {}

    /** Is told what becomes of ranges. */
    interface Listener {
        /** Tells nobody. */
        Listener NONE = new Listener() {
            @Override
            public void made(int size) {}

            @Override
            public void searched(int tries) {}

            @Override
            public void taken(int used, int size) {}

            @Override
            public void released(int used, int size) {}
        };

        /** There are so many, those that are never given out included; all are free. */
        void made(int size);

        /** A free one was found after so many that are taken. */
        void searched(int tries);

        /** One was taken; so many of all are now. */
        void taken(int used, int size);

        /** One was freed; so many of all are taken now. */
        void released(int used, int size);
    }

    /**
     * All of them free.
     *
     * @throws IllegalArgumentException if ranges of that size do not fit, or far too many do
     */
    CidrSet(Cidr cluster, int nodePrefix) {
        this(cluster, nodePrefix, Listener.NONE);
    }

    /** The same, and somebody is told what becomes of them. */
    CidrSet(Cidr cluster, int nodePrefix, Listener listener) {
        int indexBits = nodePrefix - cluster.prefix();
        if (indexBits < 0 || nodePrefix > (cluster.isIPv6() ? 128 : 32)) {
            throw new IllegalArgumentException(
                    "a node's mask size of " + nodePrefix + " does not fit into cluster CIDR " + cluster);
        }
        if (indexBits > (cluster.isIPv6() ? INDEX_BITS_MAX_IPV6 : INDEX_BITS_MAX)) {
            throw new IllegalArgumentException("New CIDR set failed; the node CIDR size is too big");
        }
        this.cluster = cluster;
        this.listener = listener;
        this.nodePrefix = nodePrefix;
        size = 1 << indexBits;
        listener.made(size);
    }

    /** Never gives out what overlaps with a range. */
    void reserve(Cidr range) {
        Range parts = parts(range);
        if (parts != null) {
            reserved.set(parts.from(), parts.to());
        }
    }

    /** The next one that is free, taken from now on; null if there is none. */
    @Nullable
    Cidr take() {
        int index = free(next);
        if (index < 0) {
            index = free(0);
        }
        if (index < 0) {
            return null;
        }
        listener.searched(Math.floorMod(index - next, size));
        taken.set(index);
        listener.taken(++used, size);
        next = (index + 1) % size;
        return cluster.part(nodePrefix, index);
    }

    private int free(int from) {
        int index = from;
        while (index < size) {
            int free = Math.max(taken.nextClearBit(index), reserved.nextClearBit(index));
            if (free == index) {
                return index;
            }
            index = free;
        }
        return -1;
    }

    /** Takes all that overlaps with a range; a range outside is no matter. */
    void take(Cidr range) {
        each(range, index -> {
            if (taken.get(index)) {
                often.merge(index, 2, (before, one) -> before + 1);
            } else {
                taken.set(index);
                listener.taken(++used, size);
            }
        });
    }

    /** Undoes one {@link #take()} of a range, or {@link #take(Cidr)}. */
    void release(Cidr range) {
        each(range, index -> {
            Integer count = often.get(index);
            if (count == null) {
                if (taken.get(index)) {
                    taken.clear(index);
                    listener.released(--used, size);
                }
            } else if (count == 2) {
                often.remove(index);
            } else {
                often.put(index, count - 1);
            }
        });
    }

    private void each(Cidr range, IntConsumer action) {
        Range parts = parts(range);
        if (parts != null) {
            for (int i = parts.from(); i < parts.to(); i++) {
                action.accept(i);
            }
        }
    }

    private @Nullable Range parts(Cidr range) {
        if (!range.overlaps(cluster)) {
            return null;
        }
        return new Range(
                index(range.first().max(cluster.first())), index(range.last().min(cluster.last())) + 1);
    }

    private int index(BigInteger address) {
        return address.subtract(cluster.first())
                .shiftRight((cluster.isIPv6() ? 128 : 32) - nodePrefix)
                .intValueExact();
    }
}
