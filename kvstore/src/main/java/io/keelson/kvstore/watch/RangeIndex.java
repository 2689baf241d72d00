package io.keelson.kvstore.watch;

import io.keelson.kvstore.mvcc.KeyRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the ranges that contain a key. Single keys are in a hash map; true ranges are in a treap ordered by start and end,
 * each node knowing the greatest end below it, so that a key finds its k ranges in O(log n + k) steps whatever order
 * they came in. Clients choose the ranges but not the treap's priorities, so no choice of theirs makes it deep. Not safe
 * for several threads.
 */
final class RangeIndex<T> {
    private record ByteKey(byte[] bytes) implements Comparable<ByteKey> {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof ByteKey key && Arrays.equals(bytes, key.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        /** Lets the map stay fast for keys that a client chose to have one hash. */
        @Override
        public int compareTo(ByteKey other) {
            return Arrays.compareUnsigned(bytes, other.bytes);
        }
    }

    private static final class Node<T> {
        private final KeyRange range;
        private final long priority;
        private final List<T> values = new ArrayList<>(1);
        private @Nullable Node<T> left;
        private @Nullable Node<T> right;
        /** The greatest end in this subtree; null for no end. */
        private byte @Nullable [] greatestEnd;

        Node(KeyRange range, long priority) {
            this.range = range;
            this.priority = priority;
            this.greatestEnd = range.to();
        }

        void update() {
            greatestEnd = range.to();
            Node<T> l = left;
            if (l != null) {
                greatestEnd = greater(greatestEnd, l.greatestEnd);
            }
            Node<T> r = right;
            if (r != null) {
                greatestEnd = greater(greatestEnd, r.greatestEnd);
            }
        }
    }

    private final Map<ByteKey, List<T>> singles = new HashMap<>();
    private final SplittableRandom random = new SplittableRandom();
    private @Nullable Node<T> root;

    /** The values of exactly this range, empty if there are none. Not to be changed by the caller. */
    List<T> at(KeyRange range) {
        if (range.single()) {
            return singles.getOrDefault(new ByteKey(range.from()), List.of());
        }
        Node<T> node = root;
        while (node != null) {
            int order = compare(range, node.range);
            if (order == 0) {
                return node.values;
            }
            node = order < 0 ? node.left : node.right;
        }
        return List.of();
    }

    void add(KeyRange range, T value) {
        if (range.single()) {
            singles.computeIfAbsent(new ByteKey(range.from()), key -> new ArrayList<>(1))
                    .add(value);
        } else {
            root = insert(root, range, value);
        }
    }

    /** Takes a value of exactly this range out again. */
    void remove(KeyRange range, T value) {
        if (range.single()) {
            ByteKey key = new ByteKey(range.from());
            List<T> values = singles.get(key);
            if (values != null) {
                values.remove(value);
                if (values.isEmpty()) {
                    singles.remove(key);
                }
            }
        } else {
            root = delete(root, range, value);
        }
    }

    /** Hands over every value whose range contains the key. The index must not change meanwhile. */
    void find(byte[] key, Consumer<? super T> found) {
        if (!singles.isEmpty()) {
            List<T> values = singles.get(new ByteKey(key));
            if (values != null) {
                values.forEach(found);
            }
        }
        find(root, key, found);
    }

    boolean isEmpty() {
        return singles.isEmpty() && root == null;
    }

    private static <T> void find(@Nullable Node<T> start, byte[] key, Consumer<? super T> found) {
        Node<T> node = start;
        while (node != null && before(key, node.greatestEnd)) {
            find(node.left, key, found);
            if (Arrays.compareUnsigned(node.range.from(), key) > 0) {
                return;
            }
            if (before(key, node.range.to())) {
                node.values.forEach(found);
            }
            node = node.right;
        }
    }

    private Node<T> insert(@Nullable Node<T> node, KeyRange range, T value) {
        if (node == null) {
            Node<T> fresh = new Node<>(range, random.nextLong());
            fresh.values.add(value);
            return fresh;
        }
        int order = compare(range, node.range);
        if (order == 0) {
            node.values.add(value);
            return node;
        }
        if (order < 0) {
            Node<T> child = insert(node.left, range, value);
            node.left = child;
            if (child.priority > node.priority) {
                node.left = child.right;
                node.update();
                child.right = node;
                child.update();
                return child;
            }
        } else {
            Node<T> child = insert(node.right, range, value);
            node.right = child;
            if (child.priority > node.priority) {
                node.right = child.left;
                node.update();
                child.left = node;
                child.update();
                return child;
            }
        }
        node.update();
        return node;
    }

    private static <T> @Nullable Node<T> delete(@Nullable Node<T> node, KeyRange range, T value) {
        if (node == null) {
            return null;
        }
        int order = compare(range, node.range);
        if (order < 0) {
            node.left = delete(node.left, range, value);
        } else if (order > 0) {
            node.right = delete(node.right, range, value);
        } else {
            node.values.remove(value);
            if (node.values.isEmpty()) {
                return merge(node.left, node.right);
            }
        }
        node.update();
        return node;
    }

    private static <T> @Nullable Node<T> merge(@Nullable Node<T> left, @Nullable Node<T> right) {
        if (left == null) {
            return right;
        }
        if (right == null) {
            return left;
        }
        if (left.priority > right.priority) {
            left.right = merge(left.right, right);
            left.update();
            return left;
        }
        right.left = merge(left, right.left);
        right.update();
        return right;
    }

    private static int compare(KeyRange a, KeyRange b) {
        int order = Arrays.compareUnsigned(a.from(), b.from());
        if (order != 0) {
            return order;
        }
        byte[] aTo = a.to();
        byte[] bTo = b.to();
        if (aTo == null) {
            return bTo == null ? 0 : 1;
        }
        if (bTo == null) {
            return -1;
        }
        return Arrays.compareUnsigned(aTo, bTo);
    }

    private static byte @Nullable [] greater(byte @Nullable [] a, byte @Nullable [] b) {
        if (a == null || b == null) {
            return null;
        }
        return Arrays.compareUnsigned(a, b) >= 0 ? a : b;
    }

    private static boolean before(byte[] key, byte @Nullable [] end) {
        return end == null || Arrays.compareUnsigned(key, end) < 0;
    }
}
