package io.keelson.apiserver.object;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.Names;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Chooses objects by their labels: all requirements must hold. Comes out of a query ({@code app=web,tier in (a,b),!old})
 * or out of an object ({@code matchLabels}, {@code matchExpressions}). Immutable.
 */
public final class LabelSelector {
    /** How a requirement looks at the value of its key. */
    public enum Operator {
        IN("in"),
        NOT_IN("notin"),
        EQUALS("="),
        DOUBLE_EQUALS("=="),
        NOT_EQUALS("!="),
        GREATER_THAN("gt"),
        LESS_THAN("lt"),
        EXISTS("exists"),
        DOES_NOT_EXIST("!");

        private final String text;

        Operator(String text) {
            this.text = text;
        }

        /** As the API names it in errors. */
        public String text() {
            return text;
        }
    }

    /**
     * One condition.
     *
     * @param values to compare with; sorted, without duplicates; empty for the operators that ask whether a key is there
     */
    public record Requirement(String key, Operator operator, List<String> values) {
        public Requirement {
            values = List.copyOf(values);
        }

        /**
         * Checks key, operator and values against each other.
         *
         * @throws MalformedException if they do not fit
         */
        public static Requirement checked(String key, Operator operator, List<String> values) {
            FieldErrors errors = new FieldErrors();
            List<String> wrongKey = Names.qualifiedName(key);
            if (!wrongKey.isEmpty()) {
                errors.invalid(FieldPath.of("key"), key, String.join("; ", wrongKey));
            }
            FieldPath path = FieldPath.of("values");
            String wrongCount = wrongCount(operator, values.size());
            if (wrongCount != null) {
                errors.invalid(path, Json.array(values), wrongCount);
            }
            boolean compares = operator == Operator.GREATER_THAN || operator == Operator.LESS_THAN;
            for (int i = 0; compares && i < values.size(); i++) {
                if (!isNumber(values.get(i))) {
                    errors.invalid(
                            path.index(i), values.get(i), "for 'Gt', 'Lt' operators, the value must be an integer");
                }
            }
            for (int i = 0; i < values.size(); i++) {
                List<String> wrongValue = Names.labelValue(values.get(i));
                if (!wrongValue.isEmpty()) {
                    errors.invalid(path.index(i).key(key), values.get(i), String.join("; ", wrongValue));
                }
            }
            if (!errors.isEmpty()) {
                throw new MalformedException(message(errors));
            }
            return new Requirement(key, operator, values);
        }

        private static @Nullable String wrongCount(Operator operator, int count) {
            return switch (operator) {
                case IN, NOT_IN -> count > 0 ? null : "for 'in', 'notin' operators, values set can't be empty";
                case EQUALS, DOUBLE_EQUALS, NOT_EQUALS ->
                    count == 1 ? null : "exact-match compatibility requires one single value";
                case EXISTS, DOES_NOT_EXIST ->
                    count == 0 ? null : "values set must be empty for exists and does not exist";
                case GREATER_THAN, LESS_THAN ->
                    count == 1 ? null : "for 'Gt', 'Lt' operators, exactly one value is required";
            };
        }

        private static String message(FieldErrors errors) {
            List<String> texts =
                    errors.list().stream().map(Object::toString).distinct().toList();
            return texts.size() == 1 ? texts.getFirst() : texts.stream().collect(Collectors.joining(", ", "[", "]"));
        }

        /** Whether it holds for a value; null if the key is not there. */
        public boolean matches(@Nullable String value) {
            return switch (operator) {
                case IN, EQUALS, DOUBLE_EQUALS -> value != null && values.contains(value);
                case NOT_IN, NOT_EQUALS -> value == null || !values.contains(value);
                case EXISTS -> value != null;
                case DOES_NOT_EXIST -> value == null;
                case GREATER_THAN ->
                    value != null && isNumber(value) && Long.parseLong(value) > Long.parseLong(values.getFirst());
                case LESS_THAN ->
                    value != null && isNumber(value) && Long.parseLong(value) < Long.parseLong(values.getFirst());
            };
        }

        private static boolean isNumber(String text) {
            try {
                Long.parseLong(text);
                return text.chars().noneMatch(character -> character > 0x7f);
            } catch (NumberFormatException e) {
                return false;
            }
        }

        @Override
        public String toString() {
            return switch (operator) {
                case IN -> key + " in (" + String.join(",", values) + ")";
                case NOT_IN -> key + " notin (" + String.join(",", values) + ")";
                case EQUALS, DOUBLE_EQUALS, NOT_EQUALS -> key + operator.text() + values.getFirst();
                case GREATER_THAN -> key + ">" + values.getFirst();
                case LESS_THAN -> key + "<" + values.getFirst();
                case EXISTS -> key;
                case DOES_NOT_EXIST -> "!" + key;
            };
        }
    }

    private static final LabelSelector EVERYTHING = new LabelSelector(List.of(), false);
    private static final LabelSelector NOTHING = new LabelSelector(List.of(), true);

    private final List<Requirement> requirements;
    private final boolean nothing;

    private LabelSelector(List<Requirement> requirements, boolean nothing) {
        this.requirements = List.copyOf(requirements);
        this.nothing = nothing;
    }

    /** Chooses every object. */
    public static LabelSelector everything() {
        return EVERYTHING;
    }

    /** Chooses no object. */
    public static LabelSelector nothing() {
        return NOTHING;
    }

    /**
     * Reads a selector as it stands in a query: {@code a,!b,c=d,e!=f,g in (h,i),j notin (k),l>1}. Empty text chooses
     * everything.
     *
     * @throws MalformedException with the text of the Kubernetes API, without a word on where the selector came from
     */
    public static LabelSelector parse(String text) {
        return text.isEmpty() ? EVERYTHING : ofRequirements(new LabelSelectorParser(text).requirements());
    }

    /**
     * The selector that stands in an object. One that is not there (null) chooses nothing, an empty one everything.
     *
     * @throws MalformedException if an operator is unknown, or keys and values do not fit
     */
    public static LabelSelector of(@Nullable JsonNode selector) {
        if (selector == null || !selector.isObject()) {
            return NOTHING;
        }
        List<Requirement> found = new ArrayList<>();
        selector.path("matchLabels")
                .properties()
                .forEach(label -> found.add(Requirement.checked(
                        label.getKey(),
                        Operator.EQUALS,
                        List.of(label.getValue().asText()))));
        for (JsonNode expression : selector.path("matchExpressions")) {
            String operator = expression.path("operator").asText();
            List<String> values = new ArrayList<>();
            expression.path("values").forEach(value -> values.add(value.asText()));
            found.add(Requirement.checked(
                    expression.path("key").asText(),
                    switch (operator) {
                        case "In" -> Operator.IN;
                        case "NotIn" -> Operator.NOT_IN;
                        case "Exists" -> Operator.EXISTS;
                        case "DoesNotExist" -> Operator.DOES_NOT_EXIST;
                        default ->
                            throw new MalformedException("\"" + operator + "\" is not a valid label selector operator");
                    },
                    values.stream().sorted().distinct().toList()));
        }
        return ofRequirements(found);
    }

    /** Chooses what has all of these labels, which are not checked; {@code spec.selector} of a Service, for example. */
    public static LabelSelector ofLabels(Map<String, String> labels) {
        return ofRequirements(labels.entrySet().stream()
                .map(label -> new Requirement(label.getKey(), Operator.EQUALS, List.of(label.getValue())))
                .toList());
    }

    private static LabelSelector ofRequirements(List<Requirement> requirements) {
        return requirements.isEmpty()
                ? EVERYTHING
                : new LabelSelector(
                        requirements.stream()
                                .sorted(Comparator.comparing(Requirement::key))
                                .toList(),
                        false);
    }

    /** Whether it chooses an object with these labels. */
    public boolean matches(Map<String, String> labels) {
        for (Requirement requirement : requirements) {
            if (!requirement.matches(labels.get(requirement.key()))) {
                return false;
            }
        }
        return !nothing;
    }

    /** Whether every object is chosen, because nothing is required. */
    public boolean isEverything() {
        return requirements.isEmpty() && !nothing;
    }

    public boolean isNothing() {
        return nothing;
    }

    /** The conditions, by key. */
    public List<Requirement> requirements() {
        return requirements;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LabelSelector selector
                && nothing == selector.nothing
                && requirements.equals(selector.requirements);
    }

    @Override
    public int hashCode() {
        return requirements.hashCode() + Boolean.hashCode(nothing);
    }

    /** As it would stand in a query. */
    @Override
    public String toString() {
        return requirements.stream().map(Requirement::toString).collect(Collectors.joining(","));
    }
}
