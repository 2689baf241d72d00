package io.keelson.kvstore.storage;

import java.util.ArrayList;
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

    /** There are no keys. */
    static final KeyCounts EMPTY = new KeyCounts(new Node(new byte[0], 0, null, null), 0);

    /** Segments that are told apart at most, some hundred bytes each; beyond it, what is not known is looked at again. */
    static final int SEGMENTS_MAX = 1 << 19;

    /** A segment with more keys than this takes time to walk over, so it is to be looked at and cut. */
    static final int SEGMENT_KEYS_MAX = 512;

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
        final int grown;
        final int size;

        Node(byte[] from, long count, @Nullable Node left, @Nullable Node right) {
            this.from = from;
            this.priority = ByteHash.of(from);
            this.count = count;
            this.left = left;
            this.right = right;
            this.knownKeys = Math.max(0, count) + keysOf(left) + keysOf(right);
            this.unknowns = (count < 0 ? 1 : 0) + unknownsOf(left) + unknownsOf(right);
            this.grown = (count > SEGMENT_KEYS_MAX ? 1 : 0) + grownOf(left) + grownOf(right);
            this.size = 1 + sizeOf(left) + sizeOf(right);
        }

        Node over(@Nullable Node newLeft, @Nullable Node newRight) {
            return newLeft == left && newRight == right ? this : new Node(from, count, newLeft, newRight);
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

        /** Whether it is known, and few enough keys to walk over at any time. */
        boolean settled() {
            return count >= 0 && count <= SEGMENT_KEYS_MAX;
        }
    }

    /**
     * A key that came or went.
     *
     * @param by 1 if there is one more, -1 if there is one less
     */
    record Change(byte[] key, int by) {}

    /** Keys from {@code from} up to the next piece, or to the end of what was looked at; below 0 if that is not known. */
    record Piece(byte[] from, long count) {}

    private KeyCounts(Node root, long changes) {
        this.root = root;
        this.changes = changes;
    }

    /** How many keys had come and gone until this state; tells two states apart. */
    long changes() {
        return changes;
    }

    /** Whether anything is known. */
    boolean isOfUse() {
        return root.unknowns < root.size;
    }

    int segments() {
        return root.size;
    }

    /** All segments, in order. */
    List<Piece> pieces() {
        List<Piece> pieces = new ArrayList<>(root.size);
        addTo(pieces, root);
        return pieces;
    }

    private static void addTo(List<Piece> pieces, @Nullable Node node) {
        if (node != null) {
            addTo(pieces, node.left);
            pieces.add(new Piece(node.from, node.count));
            addTo(pieces, node.right);
        }
    }

    /**
     * What {@link #pieces} gave.
     *
     * @throws StorageException if it is not that
     */
    static KeyCounts of(List<Piece> pieces) {
        Node all = null;
        byte[] before = null;
        for (Piece piece : pieces) {
            if (before == null ? piece.from().length > 0 : Arrays.compareUnsigned(before, piece.from()) >= 0) {
                throw new StorageException(StorageException.Kind.CORRUPT, "the counts of keys are not in order");
            }
            before = piece.from();
            all = merged(all, new Node(piece.from(), Math.max(Node.UNKNOWN_COUNT, piece.count()), null, null));
        }
        return all == null ? UNKNOWN : new KeyCounts(all, 0);
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

    /** The first segment with a part in a range that is not known, or has too many keys; null if there is none. */
    @Nullable
    Segment unsettled(byte[] from, byte @Nullable [] to) {
        Segment first = segmentOf(from);
        if (!first.settled()) {
            return first;
        }
        byte[] next = first.to();
        if (next == null || (to != null && Arrays.compareUnsigned(next, to) >= 0)) {
            return null;
        }
        byte[] found = firstUnsettled(root, next, to);
        return found == null ? null : segmentOf(found);
    }

    private static byte @Nullable [] firstUnsettled(@Nullable Node node, byte[] from, byte @Nullable [] to) {
        if (node == null || node.unknowns + node.grown == 0) {
            return null;
        }
        if (Arrays.compareUnsigned(node.from, from) < 0) {
            return firstUnsettled(node.right, from, to);
        }
        byte[] left = firstUnsettled(node.left, from, to);
        if (left != null || (to != null && Arrays.compareUnsigned(node.from, to) >= 0)) {
            return left;
        }
        return node.count < 0 || node.count > SEGMENT_KEYS_MAX ? node.from : firstUnsettled(node.right, from, to);
    }

    /** A segment that is known to have too many keys; null if there is none. */
    @Nullable
    Segment grown() {
        Node node = root;
        while (node != null && node.grown > 0) {
            if (node.count > SEGMENT_KEYS_MAX) {
                return segmentOf(node.from);
            }
            node = grownOf(node.left) > 0 ? node.left : node.right;
        }
        return null;
    }

    /**
     * Keys have come and gone, in any order. A segment that has no keys left joins the one before it, so that what was
     * deleted is not remembered.
     *
     * @param changesThen how many had, with these
     */
    KeyCounts changed(List<Change> changes, long changesThen) {
        List<Change> sorted = new ArrayList<>(changes);
        sorted.sort((one, other) -> Arrays.compareUnsigned(one.key(), other.key()));
        List<Node> replaced = new ArrayList<>();
        List<byte[]> emptied = new ArrayList<>();
        for (int i = 0; i < sorted.size(); ) {
            Segment segment = segmentOf(sorted.get(i).key());
            byte[] end = segment.to();
            long count = segment.count();
            do {
                count += segment.known() ? sorted.get(i).by() : 0;
                i++;
            } while (i < sorted.size()
                    && (end == null || Arrays.compareUnsigned(sorted.get(i).key(), end) < 0));
            if (count != segment.count()) {
                // Below 0, whoever counted was wrong: it is to be counted again.
                replaced.add(new Node(segment.from(), Math.max(count, Node.UNKNOWN_COUNT), null, null));
                if (count == 0 && segment.from().length > 0) {
                    emptied.add(segment.from());
                }
            }
        }
        KeyCounts counts = new KeyCounts(replaced(root, replaced), changesThen);
        for (byte[] from : emptied) {
            if (counts.segmentBefore(from).known()) {
                counts = new KeyCounts(without(counts.root, from), changesThen);
            }
        }
        return counts;
    }

    /** A tree with other counts for some of its segments, in order of their keys. */
    private static Node replaced(Node node, List<Node> counts) {
        if (counts.isEmpty()) {
            return node;
        }
        int at = 0;
        int end = counts.size();
        while (at < end) {
            int middle = (at + end) >>> 1;
            if (Arrays.compareUnsigned(counts.get(middle).from, node.from) < 0) {
                at = middle + 1;
            } else {
                end = middle;
            }
        }
        boolean own = at < counts.size() && Arrays.equals(counts.get(at).from, node.from);
        List<Node> before = counts.subList(0, at);
        List<Node> behind = counts.subList(own ? at + 1 : at, counts.size());
        return new Node(
                node.from,
                own ? counts.get(at).count : node.count,
                node.left == null ? null : replaced(node.left, before),
                node.right == null ? null : replaced(node.right, behind));
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
     * reach into the range from outside are cut where it begins and ends; what is known of one is lost with the cut, unless
     * the range begins where it does.
     */
    KeyCounts learned(List<Piece> pieces, byte @Nullable [] to) {
        byte[] from = pieces.getFirst().from();
        Segment last = to == null ? null : segmentOf(to);
        Segment first = segmentOf(from);
        Node before = below(root, from);
        if (first.known() && !Arrays.equals(first.from(), from) && before != null) {
            before = replaced(before, List.of(new Node(first.from(), Node.UNKNOWN_COUNT, null, null)));
        }
        Node middle = null;
        for (Piece piece : pieces) {
            middle = merged(middle, new Node(piece.from(), piece.count(), null, null));
        }
        Node after = null;
        if (to != null && last != null) {
            after = notBelow(root, to);
            if (!Arrays.equals(last.from(), to)) {
                after = merged(new Node(to, rest(last, pieces), null, null), after);
            }
        }
        Node all = merged(merged(before, middle), after);
        if (all == null) {
            throw new IllegalStateException("no pieces were found");
        }
        return new KeyCounts(all, changes);
    }

    /** Keys that are left of a segment behind pieces. */
    private static long rest(Segment segment, List<Piece> pieces) {
        if (!segment.known() || !Arrays.equals(segment.from(), pieces.getFirst().from())) {
            return Node.UNKNOWN_COUNT;
        }
        long found = pieces.stream().mapToLong(Piece::count).sum();
        return Math.max(segment.count() - found, Node.UNKNOWN_COUNT);
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

    private static int grownOf(@Nullable Node node) {
        return node == null ? 0 : node.grown;
    }

    private static int sizeOf(@Nullable Node node) {
        return node == null ? 0 : node.size;
    }
}
