package io.keelson.apiserver.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A path to values in an object, in the dialect that {@code kubectl} and printer columns use: {@code .spec.replicas},
 * {@code .spec.ports[0].port}, {@code .status.conditions[?(@.type=="Ready")].status}. Immutable.
 *
 * <p>A path may multiply what it finds ({@code ..*..*}); it gives up at {@link #RESULTS_MAX}.
 */
final class JsonPath {
    static final int RESULTS_MAX = 10_000;

    private final List<Step> steps;

    JsonPath(List<Step> steps) {
        this.steps = List.copyOf(steps);
    }

    /** @throws io.keelson.apiserver.object.MalformedException if it is no path */
    static JsonPath parse(String text) {
        return new JsonPathParser(text).parse();
    }

    /** One step from the values found so far to those found next. */
    sealed interface Step {
        /** To a field; objects that do not have it, and what is no object, are left out. */
        record Field(String name) implements Step {}

        /** To everything in an object or list. */
        record Wildcard() implements Step {}

        /** To whatever has something in it, on every level. */
        record Descent() implements Step {}

        /**
         * To elements of a list; bounds below 0 count from its end.
         *
         * @param end behind the last one; null for the end of the list
         */
        record Slice(int start, @Nullable Integer end, int step) implements Step {}

        /** To the elements that satisfy a comparison, or have something where {@code left} leads. */
        record Filter(
                JsonPath left, String operator, @Nullable JsonPath right) implements Step {}

        /** To what each of several paths finds. */
        record Union(List<JsonPath> paths) implements Step {}

        /** To a constant, whatever was found. */
        record Constant(JsonNode value) implements Step {}
    }

    /** Why a path cannot be followed in an object. */
    private static final class DeadEndException extends Exception {
        private static final long serialVersionUID = 1L;

        private DeadEndException(String message) {
            super(message, null, false, false);
        }
    }

    /** What the path leads to; null if it cannot be followed (an element that is not there, things that do not compare). */
    @Nullable
    List<JsonNode> find(JsonNode object) {
        try {
            return follow(List.of(object));
        } catch (DeadEndException e) {
            return null;
        }
    }

    private List<JsonNode> follow(List<JsonNode> from) throws DeadEndException {
        List<JsonNode> found = from;
        for (Step step : steps) {
            found = follow(found, step);
            if (found.size() > RESULTS_MAX) {
                throw new DeadEndException("the path leads to more than " + RESULTS_MAX + " values");
            }
        }
        return found;
    }

    private static List<JsonNode> follow(List<JsonNode> from, Step step) throws DeadEndException {
        List<JsonNode> found = new ArrayList<>();
        switch (step) {
            case Step.Field field -> {
                for (JsonNode value : from) {
                    JsonNode there = value.get(field.name());
                    if (there != null) {
                        found.add(there);
                    }
                }
            }
            case Step.Wildcard _ -> from.forEach(value -> value.forEach(found::add));
            case Step.Descent _ -> {
                for (JsonNode value : from) {
                    descend(value, found);
                }
            }
            case Step.Slice slice -> {
                for (JsonNode value : from) {
                    slice(value, slice, found);
                }
            }
            case Step.Filter filter -> {
                for (JsonNode value : from) {
                    filter(value, filter, found);
                }
            }
            case Step.Union union -> {
                for (JsonPath path : union.paths()) {
                    found.addAll(path.follow(from));
                }
            }
            case Step.Constant constant -> found.add(constant.value());
        }
        return found;
    }

    private static void descend(JsonNode value, List<JsonNode> found) throws DeadEndException {
        if (value.isEmpty()) {
            return;
        }
        found.add(value);
        if (found.size() > RESULTS_MAX) {
            throw new DeadEndException("the path leads to more than " + RESULTS_MAX + " values");
        }
        for (JsonNode below : value) {
            descend(below, found);
        }
    }

    private static void slice(JsonNode value, Step.Slice slice, List<JsonNode> found) throws DeadEndException {
        if (value.isNull()) {
            return;
        }
        if (!value.isArray()) {
            throw new DeadEndException("not a list");
        }
        int size = value.size();
        Integer bound = slice.end();
        int start = slice.start() < 0 ? slice.start() + size : slice.start();
        int end = bound == null ? size : bound < 0 ? bound + size : bound;
        boolean nothing = start == end;
        if (!nothing && (start < 0 || start >= size || end > size || end < start)) {
            throw new DeadEndException("array index out of bounds: index " + start + ", length " + size);
        }
        for (int i = start; i < end; i += slice.step()) {
            found.add(value.get(i));
        }
    }

    private static void filter(JsonNode value, Step.Filter filter, List<JsonNode> found) throws DeadEndException {
        if (!value.isArray()) {
            throw new DeadEndException("not a list and cannot be filtered");
        }
        JsonPath right = filter.right();
        for (JsonNode element : value) {
            List<JsonNode> lefts = right == null
                    ? leniently(filter.left(), element)
                    : filter.left().follow(List.of(element));
            if (right == null) {
                if (!lefts.isEmpty()) {
                    found.add(element);
                }
                continue;
            }
            List<JsonNode> rights = right.follow(List.of(element));
            if (lefts.size() > 1 || rights.size() > 1) {
                throw new DeadEndException("can only compare one element at a time");
            }
            if (!lefts.isEmpty()
                    && !rights.isEmpty()
                    && holds(lefts.getFirst(), filter.operator(), rights.getFirst())) {
                found.add(element);
            }
        }
    }

    private static List<JsonNode> leniently(JsonPath path, JsonNode element) {
        List<JsonNode> found = path.find(element);
        return found == null ? List.of() : found;
    }

    private static boolean holds(JsonNode left, String operator, JsonNode right) throws DeadEndException {
        if (operator.equals("==") || operator.equals("!=")) {
            boolean comparable = (left.isTextual() && right.isTextual())
                    || (left.isBoolean() && right.isBoolean())
                    || sameNumbers(left, right);
            if (!comparable) {
                throw new DeadEndException("incompatible types for comparison");
            }
            boolean equal = left.isNumber() ? compare(left, right) == 0 : left.equals(right);
            return equal == operator.equals("==");
        }
        if (!(left.isTextual() && right.isTextual()) && !sameNumbers(left, right)) {
            throw new DeadEndException("incompatible types for comparison");
        }
        int compared = compare(left, right);
        return switch (operator) {
            case "<" -> compared < 0;
            case "<=" -> compared <= 0;
            case ">" -> compared > 0;
            case ">=" -> compared >= 0;
            default -> throw new DeadEndException("unrecognized filter operator " + operator);
        };
    }

    /** Whole numbers and others do not compare. */
    private static boolean sameNumbers(JsonNode left, JsonNode right) {
        return left.isNumber() && right.isNumber() && left.isIntegralNumber() == right.isIntegralNumber();
    }

    private static int compare(JsonNode left, JsonNode right) {
        return left.isTextual()
                ? left.textValue().compareTo(right.textValue())
                : left.decimalValue().compareTo(right.decimalValue());
    }

    static Step constant(String text) {
        return new Step.Constant(TextNode.valueOf(text));
    }
}
