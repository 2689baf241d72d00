package io.keelson.apiserver.apply;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Which fields count for an endpoint. What others do not count, because the strategy resets it (the status for the main
 * resource, all but the status for {@code /status}), belongs to nobody who writes there.
 */
@FunctionalInterface
public interface FieldFilter extends UnaryOperator<FieldSet> {
    /** All fields count. */
    FieldFilter ALL = set -> set;

    /** A step to any element, in paths of {@link #onlyBelow}. */
    String ANY = "*";

    /** All fields count but these and those below them. */
    static FieldFilter without(FieldSet fields) {
        return set -> set.recursiveDifference(fields);
    }

    /**
     * Only fields on, or below, one of the paths count.
     *
     * @param paths names of fields, and {@link #ANY} for whatever stands there: {@code ["spec", "containers", "*",
     *     "resources"]}
     */
    static FieldFilter onlyBelow(List<List<String>> paths) {
        List<List<String>> copy = List.copyOf(paths);
        return set -> {
            FieldSet.Builder result = new FieldSet.Builder();
            keep(set, copy, new ArrayList<>(), result);
            return result.build();
        };
    }

    private static void keep(
            FieldSet set, List<List<String>> paths, List<PathElement> prefix, FieldSet.Builder result) {
        for (FieldSet.Node node : set.nodes()) {
            List<List<String>> left = new ArrayList<>();
            for (List<String> path : paths) {
                boolean fits = path.isEmpty()
                        || path.getFirst().equals(ANY)
                        || (node.element() instanceof PathElement.Field field
                                && field.name().equals(path.getFirst()));
                if (fits) {
                    left.add(path.isEmpty() ? path : path.subList(1, path.size()));
                }
            }
            if (left.isEmpty()) {
                continue;
            }
            prefix.addLast(node.element());
            if (node.member()) {
                result.add(prefix);
            }
            keep(node.below(), left, prefix, result);
            prefix.removeLast();
        }
    }
}
