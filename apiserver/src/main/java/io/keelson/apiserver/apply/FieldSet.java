package io.keelson.apiserver.apply;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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

    private final Node[] nodes;

    private FieldSet(Node[] nodes) {
        this.nodes = nodes;
    }

    private static FieldSet of(List<Node> nodes) {
        return nodes.isEmpty() ? EMPTY : new FieldSet(nodes.toArray(new Node[0]));
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
        return List.of(nodes);
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

    public FieldSet union(FieldSet other) {
        if (isEmpty()) {
            return other;
        }
        if (other.isEmpty()) {
            return this;
        }
        List<Node> result = new ArrayList<>(nodes.length + other.nodes.length);
        int i = 0;
        int j = 0;
        while (i < nodes.length && j < other.nodes.length) {
            Node a = nodes[i];
            Node b = other.nodes[j];
            int order = a.element.compareTo(b.element);
            if (order < 0) {
                result.add(a);
                i++;
            } else if (order > 0) {
                result.add(b);
                j++;
            } else {
                result.add(new Node(a.element, a.member || b.member, a.below.union(b.below)));
                i++;
                j++;
            }
        }
        result.addAll(Arrays.asList(nodes).subList(i, nodes.length));
        result.addAll(Arrays.asList(other.nodes).subList(j, other.nodes.length));
        return of(result);
    }

    /** The paths that are in both. */
    public FieldSet intersection(FieldSet other) {
        List<Node> result = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < nodes.length && j < other.nodes.length) {
            Node a = nodes[i];
            Node b = other.nodes[j];
            int order = a.element.compareTo(b.element);
            if (order < 0) {
                i++;
            } else if (order > 0) {
                j++;
            } else {
                addUnlessEmpty(result, new Node(a.element, a.member && b.member, a.below.intersection(b.below)));
                i++;
                j++;
            }
        }
        return of(result);
    }

    /** The paths that are in this set and not in the other. */
    public FieldSet difference(FieldSet other) {
        return minus(other, false);
    }

    /** The paths that are in this set, and neither in the other nor below a path in it. */
    public FieldSet recursiveDifference(FieldSet other) {
        return minus(other, true);
    }

    private FieldSet minus(FieldSet other, boolean recursive) {
        if (isEmpty() || other.isEmpty()) {
            return this;
        }
        List<Node> result = new ArrayList<>(nodes.length);
        int j = 0;
        for (Node a : nodes) {
            while (j < other.nodes.length && other.nodes[j].element.compareTo(a.element) < 0) {
                j++;
            }
            if (j == other.nodes.length || !other.nodes[j].element.equals(a.element)) {
                result.add(a);
                continue;
            }
            Node b = other.nodes[j];
            FieldSet below = recursive && b.member ? EMPTY : a.below.minus(b.below, recursive);
            addUnlessEmpty(result, new Node(a.element, a.member && !b.member, below));
        }
        return of(result);
    }

    private static void addUnlessEmpty(List<Node> nodes, Node node) {
        if (!node.isEmpty()) {
            nodes.add(node);
        }
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
        List<Node> result = new ArrayList<>(nodes.length);
        for (Node node : nodes) {
            boolean declared =
                    node.element instanceof PathElement.Field field && type != null && type.declares(field.name());
            boolean member = node.member || (declared && !node.below.isEmpty());
            MergeType below = type == null ? null : type.at(node.element);
            result.add(new Node(node.element, member, node.below.withDeclaredFields(below)));
        }
        return of(result);
    }

    /**
     * The set as the schema has it now: where something became one value whose parts were owned before, whoever owned
     * parts owns the whole.
     */
    @SuppressWarnings("ReferenceEquality") // what has not changed is returned as it is
    FieldSet reconciled(MergeType type) {
        List<Node> result = new ArrayList<>(nodes.length);
        boolean changed = false;
        for (Node node : nodes) {
            MergeType below = type.at(node.element);
            Node now = node;
            if (below != null && below.isDeclared() && !node.below.isEmpty()) {
                now = below.isAtomic()
                        ? new Node(node.element, true, EMPTY)
                        : new Node(node.element, node.member, node.below.reconciled(below));
            }
            changed |= now.below != node.below;
            result.add(now);
        }
        return changed ? of(result) : this;
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

        Builder at(PathElement element) {
            return below.computeIfAbsent(element, missing -> new Builder());
        }

        void setMember() {
            member = true;
        }

        /** Forgets what is below an element. */
        void clearBelow() {
            below.clear();
        }

        public FieldSet build() {
            List<Node> nodes = new ArrayList<>(below.size());
            for (Map.Entry<PathElement, Builder> entry : below.entrySet()) {
                addUnlessEmpty(
                        nodes,
                        new Node(
                                entry.getKey(),
                                entry.getValue().member,
                                entry.getValue().build()));
            }
            return of(nodes);
        }
    }
}
