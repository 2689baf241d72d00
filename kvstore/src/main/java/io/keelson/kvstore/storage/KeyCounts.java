package io.keelson.kvstore.storage;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many keys lie where, as far as somebody has looked. The space of keys is cut into segments; of each it is known how
 * many keys it has, or not. Immutable: a change makes a new one that shares nearly everything with the old, so a reader's
 * counts stay those of the state it reads.
 *
 * <p>It is a treap over the first keys of the segments, in which each node carries the sums of its subtree. The priority of
 * a node is a hash of its key that nobody outside can foresee, so its depth is logarithmic whatever the keys are. Where a
 * segment ends the next one begins; the first begins at the empty key.
 */
final class KeyCounts {
    /** Nobody has looked anywhere. */
    static final KeyCounts UNKNOWN = new KeyCounts(new Node(new byte[0], Node.UNKNOWN_COUNT, null, null), 0);

    /** Segments that are told apart at most, some hundred bytes each; beyond it, what is not known is looked at again. */
    static final int SEGMENTS_MAX = 1 << 19;

    private final Node root;
    private final long changes;

    /** A segment: its first key, and how many keys it has. */
    private static final class Node {
        static final long UNKNOWN_COUNT = -1;

        final byte[] from;
        final int priority;
        final long count;
        final @Nullable Node left;
        final @Nullable Node right;
        final long knownKeys;
        final int unknowns;
        final int size;

        Node(byte[] from, long count, @Nullable Node left, @Nullable Node right) {
            this.from = from;
            this.priority = ByteHash.of(from);
            this.count = count;
            this.left = left;
            this.right = right;
            this.knownKeys = Math.max(0, count) + keysOf(left) + keysOf(right);
            this.unknowns = (count < 0 ? 1 : 0) + unknownsOf(left) + unknownsOf(right);
            this.size = 1 + sizeOf(left) + sizeOf(right);
        }

        Node with(long newCount) {
            return new Node(from, newCount, left, right);
        }

        Node over(@Nullable Node newLeft, @Nullable Node newRight) {
            return new Node(from, count, newLeft, newRight);
        }
    }

    /**
     * One segment, as a reader meets it.
     *
     * @param from first key, inclusive
     * @param to end, exclusive; null for the end of all keys
     * @param count keys in it; below 0 if that is not known
     */
    record Segment(byte[] from, byte @Nullable [] to, long count) {
        boolean known() {
            return count >= 0;
        }
    }

    /** What a reader found: keys from {@code from} up to the next piece, or to the end of what it looked at. */
    record Piece(byte[] from, long count) {}

    private KeyCounts(Node root, long changes) {
        this.root = root;
        this.changes = changes;
    }

    /** How many keys had come and gone until this state; tells two states apart. */
    long changes() {
        return changes;
    }

    int segments() {
        return root.size;
    }

    /** The same counts, after so many changes. */
    KeyCounts after(long allChanges) {
        return new KeyCounts(root, allChanges);
    }

    /** The segment that a key lies in. */
    Segment segmentOf(byte[] key) {
        Node found = root;
        byte[] to = null;
        Node at = root;
        while (at != null) {
            if (Arrays.compareUnsigned(key, at.from) >= 0) {
                found = at;
                at = at.right;
            } else {
                to = at.from;
                at = at.left;
            }
        }
        return new Segment(found.from, to, found.count);
    }

    /** Keys in the segments that begin in a range; below 0 if one of them is not known. */
    long keysOfSegments(byte[] from, byte @Nullable [] to) {
        return keysOfSegments(root, from, to);
    }

    private static long keysOfSegments(@Nullable Node node, byte[] from, byte @Nullable [] to) {
        if (node == null) {
            return 0;
        }
        if (Arrays.compareUnsigned(node.from, from) < 0) {
            return keysOfSegments(node.right, from, to);
        }
        if (to != null && Arrays.compareUnsigned(node.from, to) >= 0) {
            return keysOfSegments(node.left, from, to);
        }
        long left = keysFrom(node.left, from);
        long right = to == null ? whole(node.right) : keysUpTo(node.right, to);
        return left < 0 || right < 0 || node.count < 0 ? Node.UNKNOWN_COUNT : left + node.count + right;
    }

    private static long keysFrom(@Nullable Node start, byte[] from) {
        long keys = 0;
        Node node = start;
        while (node != null) {
            if (Arrays.compareUnsigned(node.from, from) < 0) {
                node = node.right;
                continue;
            }
            if (node.count < 0 || unknownsOf(node.right) > 0) {
                return Node.UNKNOWN_COUNT;
            }
            keys += node.count + keysOf(node.right);
            node = node.left;
        }
        return keys;
    }

    private static long keysUpTo(@Nullable Node start, byte[] to) {
        long keys = 0;
        Node node = start;
        while (node != null) {
            if (Arrays.compareUnsigned(node.from, to) >= 0) {
                node = node.left;
                continue;
            }
            if (node.count < 0 || unknownsOf(node.left) > 0) {
                return Node.UNKNOWN_COUNT;
            }
            keys += node.count + keysOf(node.left);
            node = node.right;
        }
        return keys;
    }

    private static long whole(@Nullable Node node) {
        return unknownsOf(node) > 0 ? Node.UNKNOWN_COUNT : keysOf(node);
    }

    /**
     * A key has come (1) or gone (-1). A segment that has no keys left joins the one before it, so that what was deleted
     * is not remembered.
     */
    KeyCounts changed(byte[] key, int by) {
        Segment segment = segmentOf(key);
        if (!segment.known()) {
            return new KeyCounts(root, changes + 1);
        }
        long count = segment.count() + by;
        if (count < 0) {
            // Whoever counted was wrong: it is to be counted again.
            count = Node.UNKNOWN_COUNT;
        }
        Node newRoot = count == 0
                        && segment.from().length > 0
                        && segmentBefore(segment.from()).known()
                ? without(root, segment.from())
                : with(root, segment.from(), count);
        return new KeyCounts(newRoot, changes + 1);
    }

    private Segment segmentBefore(byte[] from) {
        Node found = root;
        Node at = root;
        while (at != null) {
            if (Arrays.compareUnsigned(at.from, from) < 0) {
                found = at;
                at = at.right;
            } else {
                at = at.left;
            }
        }
        return new Segment(found.from, from, found.count);
    }

    /**
     * Somebody has looked at a range and found these pieces, the first of which begins where the range does. Segments that
     * reach into the range from outside are cut where it begins and ends; what is known of one is lost with the cut, so
     * ranges should begin and end where known segments do.
     */
    KeyCounts learned(List<Piece> pieces, byte @Nullable [] to) {
        byte[] from = pieces.getFirst().from();
        Segment last = to == null ? null : segmentOf(to);
        Segment first = segmentOf(from);
        Node before = below(root, from);
        if (first.known() && !Arrays.equals(first.from(), from) && before != null) {
            before = with(before, first.from(), Node.UNKNOWN_COUNT);
        }
        Node middle = null;
        for (Piece piece : pieces) {
            middle = merged(middle, new Node(piece.from(), piece.count(), null, null));
        }
        Node after = null;
        if (to != null && last != null) {
            after = notBelow(root, to);
            if (!Arrays.equals(last.from(), to)) {
                after = merged(new Node(to, Node.UNKNOWN_COUNT, null, null), after);
            }
        }
        Node all = merged(merged(before, middle), after);
        if (all == null) {
            throw new IllegalStateException("no pieces were found");
        }
        return new KeyCounts(all, changes);
    }

    private static Node with(@Nullable Node node, byte[] from, long count) {
        if (node == null) {
            throw new IllegalStateException("no segment begins there");
        }
        int order = Arrays.compareUnsigned(from, node.from);
        if (order == 0) {
            return node.with(count);
        }
        return order < 0
                ? node.over(with(node.left, from, count), node.right)
                : node.over(node.left, with(node.right, from, count));
    }

    private static Node without(Node node, byte[] from) {
        Node rest = removed(node, from);
        if (rest == null) {
            throw new IllegalStateException("the first segment cannot go");
        }
        return rest;
    }

    private static @Nullable Node removed(@Nullable Node node, byte[] from) {
        if (node == null) {
            return null;
        }
        int order = Arrays.compareUnsigned(from, node.from);
        if (order == 0) {
            return merged(node.left, node.right);
        }
        return order < 0
                ? node.over(removed(node.left, from), node.right)
                : node.over(node.left, removed(node.right, from));
    }

    /** The nodes of segments that begin before a key. */
    private static @Nullable Node below(@Nullable Node node, byte[] key) {
        if (node == null) {
            return null;
        }
        return Arrays.compareUnsigned(node.from, key) < 0
                ? node.over(node.left, below(node.right, key))
                : below(node.left, key);
    }

    /** The nodes of segments that do not begin before a key. */
    private static @Nullable Node notBelow(@Nullable Node node, byte[] key) {
        if (node == null) {
            return null;
        }
        return Arrays.compareUnsigned(node.from, key) < 0
                ? notBelow(node.right, key)
                : node.over(notBelow(node.left, key), node.right);
    }

    /** One tree of two, all of whose keys are in order. */
    private static @Nullable Node merged(@Nullable Node left, @Nullable Node right) {
        if (left == null || right == null) {
            return left == null ? right : left;
        }
        return left.priority > right.priority
                ? left.over(left.left, merged(left.right, right))
                : right.over(merged(left, right.left), right.right);
    }

    private static long keysOf(@Nullable Node node) {
        return node == null ? 0 : node.knownKeys;
    }

    private static int unknownsOf(@Nullable Node node) {
        return node == null ? 0 : node.unknowns;
    }

    private static int sizeOf(@Nullable Node node) {
        return node == null ? 0 : node.size;
    }
}
