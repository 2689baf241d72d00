package io.keelson.kvstore.apply;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** A set of keys given as ranges; kept as ranges that do not touch, so that adding and asking take logarithmic time. */
final class KeyIntervals {
    /** Start → end, exclusive. */
    private final TreeMap<byte[], byte[]> ends = new TreeMap<>(Arrays::compareUnsigned);

    /** Adds [from, rangeEnd), or the single key if there is no end. A range that does not begin before its end is empty. */
    void add(byte[] from, byte[] rangeEnd) {
        byte[] to = rangeEnd.length == 0 ? Arrays.copyOf(from, from.length + 1) : rangeEnd;
        if (Arrays.compareUnsigned(from, to) < 0) {
            merge(from, to);
        }
    }

    void addAll(KeyIntervals others) {
        others.ends.forEach(this::merge);
    }

    private void merge(byte[] from, byte[] to) {
        byte[] start = from;
        byte[] end = to;
        Map.Entry<byte[], byte[]> before = ends.floorEntry(from);
        if (before != null && Arrays.compareUnsigned(before.getValue(), from) >= 0) {
            start = before.getKey();
            end = later(end, before.getValue());
        }
        Map.Entry<byte[], byte[]> next = ends.ceilingEntry(start);
        while (next != null && Arrays.compareUnsigned(next.getKey(), end) <= 0) {
            end = later(end, next.getValue());
            ends.remove(next.getKey());
            next = ends.higherEntry(next.getKey());
        }
        ends.put(start, end);
    }

    private static byte[] later(byte[] one, byte[] other) {
        return Arrays.compareUnsigned(one, other) >= 0 ? one : other;
    }

    boolean contains(ByteBuffer key) {
        if (ends.isEmpty()) {
            return false;
        }
        byte[] bytes = new byte[key.remaining()];
        key.duplicate().get(bytes);
        Map.Entry<byte[], byte[]> interval = ends.floorEntry(bytes);
        return interval != null && Arrays.compareUnsigned(bytes, interval.getValue()) < 0;
    }
}
