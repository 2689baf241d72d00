package io.keelson.apiserver.apply;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A set of fields, as a tree of path elements: {@code .spec.replicas} is the element {@code f:spec} with the element
 * {@code f:replicas} below it. An element can be a member itself, have members below it, or both; that {@code
 * .metadata.labels.app} is a member does not make {@code .metadata.labels} one.
 *
 * <p>Immutable. The elements of a level are in an array, sorted, so the operations on two sets walk both once.
 */
public final class FieldSet {
    public static final FieldSet EMPTY = new FieldSet(new Node[0]);

    /**
     * One element of a level. Either it is a member or there is something below.
     *
     * @param member whether the path to it is in the set
     * @param below the set of paths from it on
     */
    record Node(PathElement element, boolean member, FieldSet below) {
        boolean isEmpty() {
            return !member && below.isEmpty();
        }
    }

    private static final Comparator<Node> BY_ELEMENT = Comparator.comparing(Node::element);

    private final Node[] nodes;

    private FieldSet(Node[] nodes) {
        this.nodes = nodes;
    }

    private static FieldSet of(List<Node> nodes) {
        return nodes.isEmpty() ? EMPTY : new FieldSet(nodes.toArray(new Node[0]));
    }

    /** A set of the first nodes of an array, which is the callee's to keep. */
    private static FieldSet of(Node[] nodes, int count) {
        return count == 0 ? EMPTY : new FieldSet(count == nodes.length ? nodes : Arrays.copyOf(nodes, count));
    }

    /** The node itself, if it says the same; else another one. */
    @SuppressWarnings("ReferenceEquality") // sets that have not changed are returned as they are
    private static Node with(Node node, boolean member, FieldSet below) {
        return node.member == member && node.below == below ? node : new Node(node.element, member, below);
    }

    /** The set of one path of field names, {@code of("metadata", "labels")} for example. */
    public static FieldSet of(String... names) {
        List<PathElement> path = new ArrayList<>();
        for (String name : names) {
            path.add(new PathElement.Field(name));
        }
        return new Builder().add(path).build();
    }

    public boolean isEmpty() {
        return nodes.length == 0;
    }

    /** How many paths are in it. */
    public int size() {
        int size = 0;
        for (Node node : nodes) {
            size += (node.member ? 1 : 0) + node.below.size();
        }
        return size;
    }

    /** The elements of the first level, sorted. */
    List<Node> nodes() {
        return Collections.unmodifiableList(Arrays.asList(nodes));
    }

    private @Nullable Node node(PathElement element) {
        int low = 0;
        int high = nodes.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = nodes[middle].element.compareTo(element);
            if (order == 0) {
                return nodes[middle];
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }

    public boolean contains(List<PathElement> path) {
        FieldSet level = this;
        for (int i = 0; i < path.size(); i++) {
            Node node = level.node(path.get(i));
            if (node == null) {
                return false;
            }
            if (i == path.size() - 1) {
                return node.member;
            }
            level = node.below;
        }
        return false;
    }

    /** Whether an element of the first level is in the set itself. */
    boolean has(PathElement element) {
        Node node = node(element);
        return node != null && node.member;
    }

    /** The paths that begin with an element, without it; the element itself is not among them. */
    public FieldSet below(PathElement element) {
        Node node = node(element);
        return node == null ? EMPTY : node.below;
    }

    @SuppressWarnings("ReferenceEquality") // so that what has not changed is known
    public FieldSet union(FieldSet other) {
        if (isEmpty() || this == other) {
            return other;
        }
        if (other.isEmpty()) {
            return this;
        }
        Node[] result = new Node[nodes.length + other.nodes.length];
        int count = 0;
        int i = 0;
        int j = 0;
        boolean more = false;
        while (i < nodes.length && j < other.nodes.length) {
            Node a = nodes[i];
            Node b = other.nodes[j];
            int order = a.element.compareTo(b.element);
            if (order < 0) {
                result[count++] = a;
                i++;
            } else if (order > 0) {
                result[count++] = b;
                more = true;
                j++;
            } else {
                Node both = with(a, a.member || b.member, a.below.union(b.below));
                more |= both != a;
                result[count++] = both;
                i++;
                j++;
            }
        }
        while (i < nodes.length) {
            result[count++] = nodes[i++];
        }
        while (j < other.nodes.length) {
            result[count++] = other.nodes[j++];
            more = true;
        }
        return more ? of(result, count) : this;
    }

    /** The paths that are in both. */
    @SuppressWarnings("ReferenceEquality") // so that what has not changed is known
    public FieldSet intersection(FieldSet other) {
        if (isEmpty() || this == other) {
            return this;
        }
        if (other.isEmpty()) {
            return other;
        }
        Node[] result = new Node[Math.min(nodes.length, other.nodes.length)];
        int count = 0;
        int i = 0;
        int j = 0;
        boolean less = result.length < nodes.length;
        while (i < nodes.length && j < other.nodes.length) {
            Node a = nodes[i];
            Node b = other.nodes[j];
            int order = a.element.compareTo(b.element);
            if (order < 0) {
                less = true;
                i++;
            } else if (order > 0) {
                j++;
            } else {
                Node both = with(a, a.member && b.member, a.below.intersection(b.below));
                less |= both != a;
                if (!both.isEmpty()) {
                    result[count++] = both;
                }
                i++;
                j++;
            }
        }
        return less || i < nodes.length ? of(result, count) : this;
    }

    /** The paths that are in this set and not in the other. */
    public FieldSet difference(FieldSet other) {
        return minus(other, false);
    }

    /** The paths that are in this set, and neither in the other nor below a path in it. */
    public FieldSet recursiveDifference(FieldSet other) {
        return minus(other, true);
    }

    @SuppressWarnings("ReferenceEquality") // so that what has not changed is known
    private FieldSet minus(FieldSet other, boolean recursive) {
        if (isEmpty() || other.isEmpty()) {
            return this;
        }
        if (this == other) {
            return EMPTY;
        }
        Node[] result = new Node[nodes.length];
        int count = 0;
        boolean less = false;
        int j = 0;
        for (Node a : nodes) {
            int order = 1;
            while (j < other.nodes.length && (order = other.nodes[j].element.compareTo(a.element)) < 0) {
                j++;
            }
            if (order != 0) {
                result[count++] = a;
                continue;
            }
            Node b = other.nodes[j];
            FieldSet below = recursive && b.member ? EMPTY : a.below.minus(b.below, recursive);
            Node left = with(a, a.member && !b.member, below);
            less |= left != a;
            if (!left.isEmpty()) {
                result[count++] = left;
            }
        }
        return less ? of(result, count) : this;
    }

    /** The paths below which there are no others. */
    public FieldSet leaves() {
        List<Node> result = new ArrayList<>(nodes.length);
        for (Node node : nodes) {
            result.add(node.below.isEmpty() ? node : new Node(node.element, false, node.below.leaves()));
        }
        return of(result);
    }

    /**
     * The set with all declared fields on the way to its paths: structures are there because something in them is, and
     * do not show in sets; entries of maps and elements of lists do.
     *
     * @param type what this is a set of fields of; null if nothing is known of it
     */
    FieldSet withDeclaredFields(@Nullable MergeType type) {
        if (type == null) {
            return this;
        }
        Node[] changed = null;
        for (int i = 0; i < nodes.length; i++) {
            Node node = nodes[i];
            if (node.below.isEmpty()) {
                continue;
            }
            boolean member =
                    node.member || (node.element instanceof PathElement.Field field && type.declares(field.name()));
            changed = replaced(changed, i, with(node, member, node.below.withDeclaredFields(type.at(node.element))));
        }
        return changed == null ? this : new FieldSet(changed);
    }

    /**
     * The set as the schema has it now: where something became one value whose parts were owned before, whoever owned
     * parts owns the whole.
     */
    FieldSet reconciled(MergeType type) {
        Node[] changed = null;
        for (int i = 0; i < nodes.length; i++) {
            Node node = nodes[i];
            MergeType below = node.below.isEmpty() ? null : type.at(node.element);
            if (below != null && below.isDeclared()) {
                Node now = below.isAtomic()
                        ? new Node(node.element, true, EMPTY)
                        : with(node, node.member, node.below.reconciled(below));
                changed = replaced(changed, i, now);
            }
        }
        return changed == null ? this : new FieldSet(changed);
    }

    /** Replaces a node in a copy of this set's, which is made for the first one that is another; null as long as none is. */
    @SuppressWarnings("ReferenceEquality") // so that what has not changed is known
    private Node @Nullable [] replaced(Node @Nullable [] changed, int index, Node now) {
        if (changed == null && now == nodes[index]) {
            return null;
        }
        Node[] copy = changed == null ? nodes.clone() : changed;
        copy[index] = now;
        return copy;
    }

    /**
     * Whether a manager whose fields these are sets all of them again, each of them to one value, so that nothing in the
     * object can be gone because of it.
     *
     * @param now what it sets now
     * @param object all fields of the object
     */
    boolean staysWhole(FieldSet now, FieldSet object) {
        for (Node node : nodes) {
            Node again = now.node(node.element);
            Node there = object.node(node.element);
            boolean stays = node.member
                    && again != null
                    && again.member
                    && there != null
                    && (node.below.isEmpty()
                            ? there.member && there.below.isEmpty()
                            : node.below.staysWhole(again.below, there.below));
            if (!stays) {
                return false;
            }
        }
        return true;
    }

    /** Calls for each path: first all of a level, then what is below. The path is the callee's to keep. */
    public void forEach(Consumer<List<PathElement>> action) {
        forEach(new ArrayList<>(), action);
    }

    private void forEach(List<PathElement> prefix, Consumer<List<PathElement>> action) {
        for (Node node : nodes) {
            if (node.member) {
                prefix.addLast(node.element);
                action.accept(List.copyOf(prefix));
                prefix.removeLast();
            }
        }
        for (Node node : nodes) {
            prefix.addLast(node.element);
            node.below.forEach(prefix, action);
            prefix.removeLast();
        }
    }

    /** All paths, in the order of {@link #forEach}. */
    public List<List<PathElement>> paths() {
        List<List<PathElement>> paths = new ArrayList<>();
        forEach(paths::add);
        return paths;
    }

    /** A path as people read it: {@code .spec.containers[name="web"].image}. */
    public static String shown(List<PathElement> path) {
        StringBuilder out = new StringBuilder();
        path.forEach(out::append);
        return out.toString();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FieldSet set && Arrays.equals(nodes, set.nodes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(nodes);
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        forEach(path -> out.append(out.isEmpty() ? "" : "\n").append(shown(path)));
        return out.toString();
    }

    /** Gathers the elements of one level, in any order. For one thread. */
    static final class Level {
        private final List<Node> nodes;
        private boolean sorted = true;

        /** @param count how many elements there are, about */
        Level(int count) {
            nodes = new ArrayList<>(count);
        }

        /** Adds an element; nothing if it is no member and nothing is below. */
        void add(PathElement element, boolean member, FieldSet below) {
            if (member || !below.isEmpty()) {
                sorted &= nodes.isEmpty() || nodes.getLast().element.compareTo(element) < 0;
                nodes.add(new Node(element, member, below));
            }
        }

        /** The set. An element that was added more than once is a member if it ever was; below it is what was last. */
        FieldSet build() {
            if (sorted) {
                return of(nodes);
            }
            nodes.sort(BY_ELEMENT);
            List<Node> once = new ArrayList<>(nodes.size());
            for (Node node : nodes) {
                Node last = once.isEmpty() ? null : once.getLast();
                if (last != null && last.element.compareTo(node.element) == 0) {
                    once.set(once.size() - 1, new Node(last.element, last.member || node.member, node.below));
                } else {
                    once.add(node);
                }
            }
            return of(once);
        }
    }

    /** Gathers paths. For one thread. */
    public static final class Builder {
        private final TreeMap<PathElement, Builder> below = new TreeMap<>();
        private boolean member;

        /** Adds a path; the empty one, which would be the whole object, is nobody's and left out. */
        public Builder add(List<PathElement> path) {
            if (!path.isEmpty()) {
                Builder level = this;
                for (PathElement element : path) {
                    level = level.at(element);
                }
                level.member = true;
            }
            return this;
        }

        public Builder add(PathElement... path) {
            return add(Arrays.asList(path));
        }

        private Builder at(PathElement element) {
            return below.computeIfAbsent(element, missing -> new Builder());
        }

        public FieldSet build() {
            Level level = new Level(below.size());
            below.forEach((element, builder) -> level.add(element, builder.member, builder.build()));
            return level.build();
        }
    }
}
