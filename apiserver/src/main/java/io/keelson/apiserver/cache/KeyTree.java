package io.keelson.apiserver.cache;

import io.keelson.apiserver.object.GoText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An ordered collection that never changes: adding and removing give another one, which shares all but the path to what
 * changed. A B+ tree with nodes of {@value #WIDTH} at most; a branch knows how many elements are below each child, so
 * counting a range takes as many steps as finding its ends.
 *
 * <p>Example, with nodes of at most 4. Adding {@code d} copies the leaf and the branch; the other leaf belongs to both
 * trees:
 *
 * <pre>
 *      (a  e)                     (a  e)'
 *      /    \        with d       /    \
 *   [a b c] [e f g]  ──────►  [a b c d] [e f g]
 * </pre>
 *
 * <p>All leaves are equally deep. A node that has become smaller than a quarter is joined with a neighbour, so depth stays
 * logarithmic however elements come and go. A change copies at most three nodes at 100,000 elements.
 */
final class KeyTree<E extends Keyed> implements Iterable<E> {
    private static final int WIDTH = 64;
    private static final int JOIN_BELOW = WIDTH / 4;
    /** How full nodes are that are made all at once: some can be added before they split. */
    private static final int FILL = WIDTH * 3 / 4;

    private static final KeyTree<Keyed> EMPTY = new KeyTree<>(new Leaf(new Keyed[0]));

    private final Node root;

    private KeyTree(Node root) {
        this.root = root;
    }

    private sealed interface Node {
        /** How many elements are below. */
        int size();

        /** How many parts it is made of: what its width is measured by. */
        int width();

        /** The smallest key below; there is one in every node but an empty root. */
        String low();
    }

    private record Leaf(Keyed[] elements) implements Node {
        @Override
        public int size() {
            return elements.length;
        }

        @Override
        public int width() {
            return elements.length;
        }

        @Override
        public String low() {
            return elements[0].key();
        }
    }

    /**
     * @param lows the smallest key below each child
     * @param ends how many elements are below the children up to and with each
     */
    private record Branch(Node[] children, String[] lows, int[] ends) implements Node {
        static Branch of(Node... children) {
            String[] lows = new String[children.length];
            int[] ends = new int[children.length];
            int size = 0;
            for (int i = 0; i < children.length; i++) {
                lows[i] = children[i].low();
                size += children[i].size();
                ends[i] = size;
            }
            return new Branch(children, lows, ends);
        }

        @Override
        public int size() {
            return ends[ends.length - 1];
        }

        @Override
        public int width() {
            return children.length;
        }

        @Override
        public String low() {
            return lows[0];
        }

        /** The child below which a key is, or would be. */
        int childOf(String key) {
            int low = 1;
            int high = lows.length;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (GoText.compare(lows[middle], key) <= 0) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low - 1;
        }
    }

    @SuppressWarnings("unchecked") // It has no element whose type could be wrong.
    static <E extends Keyed> KeyTree<E> empty() {
        return (KeyTree<E>) (KeyTree<?>) EMPTY;
    }

    /** A tree of elements that are in order already, without two of the same key. */
    static <E extends Keyed> KeyTree<E> ofSorted(List<E> sorted) {
        if (sorted.isEmpty()) {
            return empty();
        }
        List<Node> level = new ArrayList<>();
        for (int from = 0; from < sorted.size(); from += FILL) {
            level.add(new Leaf(
                    sorted.subList(from, Math.min(from + FILL, sorted.size())).toArray(new Keyed[0])));
        }
        while (level.size() > 1) {
            List<Node> above = new ArrayList<>();
            for (int from = 0; from < level.size(); from += FILL) {
                above.add(Branch.of(
                        level.subList(from, Math.min(from + FILL, level.size())).toArray(new Node[0])));
            }
            level = above;
        }
        return new KeyTree<>(level.getFirst());
    }

    int size() {
        return root.size();
    }

    /** The element with a key; null if there is none. */
    @Nullable
    E get(String key) {
        Node node = root;
        while (node instanceof Branch branch) {
            node = branch.children[branch.childOf(key)];
        }
        Keyed[] elements = ((Leaf) node).elements;
        int at = find(elements, key);
        return at < 0 ? null : element(elements[at]);
    }

    @SuppressWarnings("unchecked") // Only elements of this type get in.
    private E element(Keyed keyed) {
        return (E) keyed;
    }

    /** Where a key is; the complement of where it would be, if it is not there. */
    private static int find(Keyed[] elements, String key) {
        int low = 0;
        int high = elements.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = GoText.compare(elements[middle].key(), key);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return ~low;
    }

    /** The tree with an element, in place of the one that has its key, if there is one. */
    KeyTree<E> with(E element) {
        Node[] nodes = add(root, element);
        return new KeyTree<>(nodes.length == 1 ? nodes[0] : Branch.of(nodes));
    }

    /** What takes the place of a node once an element is added: one node, or two halves. */
    private static Node[] add(Node node, Keyed element) {
        return switch (node) {
            case Leaf leaf -> {
                int at = find(leaf.elements, element.key());
                if (at >= 0) {
                    Keyed[] copy = leaf.elements.clone();
                    copy[at] = element;
                    yield new Node[] {new Leaf(copy)};
                }
                yield leaves(insert(leaf.elements, ~at, element));
            }
            case Branch branch -> {
                int at = branch.childOf(element.key());
                yield branches(replace(branch.children, at, 1, add(branch.children[at], element)));
            }
        };
    }

    private static Keyed[] insert(Keyed[] elements, int at, Keyed element) {
        Keyed[] more = new Keyed[elements.length + 1];
        System.arraycopy(elements, 0, more, 0, at);
        more[at] = element;
        System.arraycopy(elements, at, more, at + 1, elements.length - at);
        return more;
    }

    private static Node[] replace(Node[] nodes, int at, int count, Node... by) {
        Node[] result = new Node[nodes.length - count + by.length];
        System.arraycopy(nodes, 0, result, 0, at);
        System.arraycopy(by, 0, result, at, by.length);
        System.arraycopy(nodes, at + count, result, at + by.length, nodes.length - at - count);
        return result;
    }

    private static Node[] leaves(Keyed... elements) {
        if (elements.length <= WIDTH) {
            return new Node[] {new Leaf(elements)};
        }
        int half = elements.length / 2;
        return new Node[] {
            new Leaf(Arrays.copyOf(elements, half)), new Leaf(Arrays.copyOfRange(elements, half, elements.length))
        };
    }

    private static Node[] branches(Node... children) {
        if (children.length <= WIDTH) {
            return new Node[] {Branch.of(children)};
        }
        int half = children.length / 2;
        return new Node[] {
            Branch.of(Arrays.copyOf(children, half)), Branch.of(Arrays.copyOfRange(children, half, children.length))
        };
    }

    /** The tree without the element of a key; this one if there is none. */
    @SuppressWarnings("ReferenceEquality") // The same node again means that nothing was removed.
    KeyTree<E> without(String key) {
        Optional<Node> changed = remove(root, key);
        if (changed.isEmpty()) {
            return empty();
        }
        Node node = changed.get();
        if (node == root) {
            return this;
        }
        while (node instanceof Branch branch && branch.children.length == 1) {
            node = branch.children[0];
        }
        return new KeyTree<>(node);
    }

    /** What is left of a node without the element of a key: nothing, or the node itself if the key is not there. */
    @SuppressWarnings("ReferenceEquality") // As above.
    private static Optional<Node> remove(Node node, String key) {
        return switch (node) {
            case Leaf leaf -> {
                int at = find(leaf.elements, key);
                if (at < 0) {
                    yield Optional.of(leaf);
                }
                if (leaf.elements.length == 1) {
                    yield Optional.empty();
                }
                Keyed[] fewer = new Keyed[leaf.elements.length - 1];
                System.arraycopy(leaf.elements, 0, fewer, 0, at);
                System.arraycopy(leaf.elements, at + 1, fewer, at, fewer.length - at);
                yield Optional.of(new Leaf(fewer));
            }
            case Branch branch -> {
                int at = branch.childOf(key);
                Node child = branch.children[at];
                Optional<Node> changed = remove(child, key);
                if (changed.isEmpty()) {
                    yield branch.children.length == 1
                            ? Optional.empty()
                            : Optional.of(Branch.of(replace(branch.children, at, 1)));
                }
                Node left = changed.get();
                if (left == child) {
                    yield Optional.of(branch);
                }
                yield Optional.of(Branch.of(joined(replace(branch.children, at, 1, left), at)));
            }
        };
    }

    /** The children, with the one at an index joined with a neighbour if it has become small. */
    private static Node[] joined(Node[] children, int at) {
        if (children[at].width() >= JOIN_BELOW || children.length == 1) {
            return children;
        }
        int first = at == 0 ? 0 : at - 1;
        Node[] together = switch (children[first]) {
            case Leaf left -> leaves(concat(left.elements, ((Leaf) children[first + 1]).elements));
            case Branch left ->
                branches(replace(left.children, left.children.length, 0, ((Branch) children[first + 1]).children));
        };
        return replace(children, first, 2, together);
    }

    private static Keyed[] concat(Keyed[] left, Keyed[] right) {
        Keyed[] both = Arrays.copyOf(left, left.length + right.length);
        System.arraycopy(right, 0, both, left.length, right.length);
        return both;
    }

    /** How many elements have a key before this one. */
    int rank(String key) {
        int before = 0;
        Node node = root;
        while (node instanceof Branch branch) {
            int at = branch.childOf(key);
            before += at == 0 ? 0 : branch.ends[at - 1];
            node = branch.children[at];
        }
        int at = find(((Leaf) node).elements, key);
        return before + (at < 0 ? ~at : at);
    }

    /** All elements, in order. */
    @Override
    public Iterator<E> iterator() {
        return range("", "");
    }

    /**
     * The elements from a key on and before another one, in order.
     *
     * @param end empty for no end
     */
    Iterator<E> range(String from, String end) {
        return new Range(from, end);
    }

    /** Goes from leaf to leaf, with the branches above in a stack. */
    private final class Range implements Iterator<E> {
        private final String end;
        private final List<Branch> above = new ArrayList<>();
        private final List<Integer> positions = new ArrayList<>();
        private Keyed[] elements;
        private int at;
        /** Where the range ends in these elements: behind the last of them, unless it ends among them. */
        private int stop;

        private Range(String from, String end) {
            this.end = end;
            Node node = root;
            while (node instanceof Branch branch) {
                int child = branch.childOf(from);
                above.add(branch);
                positions.add(child);
                node = branch.children[child];
            }
            elements = ((Leaf) node).elements;
            at = place(from);
            stop = stop();
            settle();
        }

        /** Where a key is among these elements, or would be. */
        private int place(String key) {
            int found = find(elements, key);
            return found < 0 ? ~found : found;
        }

        /** Found once for a leaf, so that going on from one element to the next compares nothing. */
        private int stop() {
            int length = elements.length;
            boolean within = length > 0 && !end.isEmpty() && GoText.compare(elements[length - 1].key(), end) >= 0;
            return within ? place(end) : length;
        }

        /** Moves to the next leaf if this one is used up, and to the end if the range is. */
        private void settle() {
            if (at < stop) {
                return;
            }
            if (stop == elements.length) {
                nextLeaf();
            }
            if (at >= stop) {
                end();
            }
        }

        private void nextLeaf() {
            int level = above.size() - 1;
            while (level >= 0 && positions.get(level) == above.get(level).children.length - 1) {
                level--;
            }
            if (level < 0) {
                end();
                return;
            }
            positions.set(level, positions.get(level) + 1);
            Node node = above.get(level).children[positions.get(level)];
            for (int below = level + 1; node instanceof Branch branch; below++) {
                above.set(below, branch);
                positions.set(below, 0);
                node = branch.children[0];
            }
            elements = ((Leaf) node).elements;
            at = 0;
            stop = stop();
        }

        private void end() {
            elements = new Keyed[0];
            at = 0;
            stop = 0;
            above.clear();
            positions.clear();
        }

        @Override
        public boolean hasNext() {
            return at < stop;
        }

        @Override
        public E next() {
            if (at >= stop) {
                throw new NoSuchElementException();
            }
            E element = element(elements[at++]);
            settle();
            return element;
        }
    }

    /** Checks what makes it a tree, for tests: order, sizes, depth, widths. */
    void verify() {
        if (root.size() > 0) {
            var _ = depth(root);
        }
    }

    private static int depth(Node node) {
        if (node.width() == 0 || node.width() > WIDTH) {
            throw new IllegalStateException("a node of width " + node.width());
        }
        return switch (node) {
            case Leaf leaf -> {
                for (int i = 1; i < leaf.elements.length; i++) {
                    requireOrder(leaf.elements[i - 1].key(), leaf.elements[i].key());
                }
                yield 1;
            }
            case Branch branch -> {
                int depth = depth(branch.children[0]);
                int size = 0;
                for (int i = 0; i < branch.children.length; i++) {
                    Node child = branch.children[i];
                    size += child.size();
                    if (depth(child) != depth || branch.ends[i] != size || !branch.lows[i].equals(child.low())) {
                        throw new IllegalStateException("a branch does not know what is below it");
                    }
                    if (i > 0) {
                        requireOrder(high(branch.children[i - 1]), child.low());
                    }
                }
                yield depth + 1;
            }
        };
    }

    private static String high(Node node) {
        return switch (node) {
            case Leaf leaf -> leaf.elements[leaf.elements.length - 1].key();
            case Branch branch -> high(branch.children[branch.children.length - 1]);
        };
    }

    private static void requireOrder(String left, String right) {
        if (GoText.compare(left, right) >= 0) {
            throw new IllegalStateException(left + " stands before " + right);
        }
    }
}
