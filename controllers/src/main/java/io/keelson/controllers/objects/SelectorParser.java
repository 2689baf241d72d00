package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Selectors of labels as text, as the query of a list and the status of a scale have them: {@code app=web,tier in
 * (a,b)}.
 */
public final class SelectorParser {
    private static final String WORD = "[A-Za-z0-9._/-]+";
    private static final Pattern EQUALITY = Pattern.compile("(" + WORD + ")\\s*(==|=|!=)\\s*((?:" + WORD + ")?)");
    private static final Pattern SET =
            Pattern.compile("(" + WORD + ")\\s+(in|notin)\\s*\\(([A-Za-z0-9._,\\s-]*)\\)", Pattern.DOTALL);
    private static final Pattern PRESENCE = Pattern.compile("(!?)\\s*(" + WORD + ")");

    private SelectorParser() {}

    /**
     * Reads a selector.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static LabelSelector parse(String text) {
        LabelSelectorBuilder selector = new LabelSelectorBuilder();
        for (String part : parts(text)) {
            requirement(selector, part.strip());
        }
        return selector.build();
    }

    /** Parts between commas, those in parentheses left together. */
    private static List<String> parts(String text) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char sign = text.charAt(i);
            if (sign == '(') {
                depth++;
            } else if (sign == ')') {
                depth--;
            } else if (sign == ',' && depth == 0) {
                parts.add(text.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(text.substring(start));
        return parts;
    }

    private static void requirement(LabelSelectorBuilder selector, String part) {
        Matcher set = SET.matcher(part);
        Matcher equality = EQUALITY.matcher(part);
        Matcher presence = PRESENCE.matcher(part);
        if (set.matches()) {
            List<String> values = Arrays.stream(set.group(3).split(",", -1))
                    .map(String::strip)
                    .toList();
            require(selector, set.group(1), set.group(2).equals("in") ? "In" : "NotIn", values);
        } else if (equality.matches()) {
            if (equality.group(2).equals("!=")) {
                require(selector, equality.group(1), "NotIn", List.of(equality.group(3)));
            } else if (OrEmpty.of(selector.getMatchLabels()).containsKey(equality.group(1))) {
                // Two values of one label: both are asked for, and no object has them.
                require(selector, equality.group(1), "In", List.of(equality.group(3)));
            } else {
                selector.addToMatchLabels(equality.group(1), equality.group(3));
            }
        } else if (presence.matches()) {
            String operator = presence.group(1).isEmpty() ? "Exists" : "DoesNotExist";
            require(selector, presence.group(2), operator, List.of());
        } else {
            throw new IllegalArgumentException("unable to parse requirement: " + part);
        }
    }

    private static void require(LabelSelectorBuilder selector, String key, String operator, List<String> values) {
        selector.addNewMatchExpression()
                .withKey(key)
                .withOperator(operator)
                .withValues(values)
                .endMatchExpression();
    }

    /** A selector as text; empty of one that says nothing. */
    public static String text(@Nullable LabelSelector selector) {
        if (selector == null) {
            return "";
        }
        List<String> parts = new ArrayList<>();
        new TreeMap<>(OrEmpty.of(selector.getMatchLabels())).forEach((key, value) -> parts.add(key + '=' + value));
        for (LabelSelectorRequirement requirement : OrEmpty.of(selector.getMatchExpressions())) {
            String key = requirement.getKey();
            String values = '(' + String.join(",", OrEmpty.of(requirement.getValues())) + ')';
            parts.add(
                    switch (OrEmpty.of(requirement.getOperator())) {
                        case "In" -> key + " in " + values;
                        case "NotIn" -> key + " notin " + values;
                        case "Exists" -> key;
                        case "DoesNotExist" -> '!' + key;
                        default ->
                            throw new IllegalArgumentException(
                                    '"' + requirement.getOperator() + "\" is not a valid label selector operator");
                    });
        }
        return String.join(",", parts);
    }
}
