package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A label selector as messages of the original print it: {@code &LabelSelector{MatchLabels:map[string]string{a:
 * b,},…}}.
 */
public final class SelectorText {
    private SelectorText() {}

    /** The text of a selector; {@code nil} of none. */
    public static String of(@Nullable LabelSelector selector) {
        if (selector == null) {
            return "nil";
        }
        Map<String, String> labels = new TreeMap<>(OrEmpty.of(selector.getMatchLabels()));
        return "&LabelSelector{MatchLabels:map[string]string{"
                + labels.entrySet().stream()
                        .map(label -> label.getKey() + ": " + label.getValue() + ',')
                        .collect(Collectors.joining())
                + "},MatchExpressions:[]LabelSelectorRequirement{"
                + OrEmpty.of(selector.getMatchExpressions()).stream()
                        .map(SelectorText::of)
                        .collect(Collectors.joining())
                + "},}";
    }

    private static String of(LabelSelectorRequirement requirement) {
        return "LabelSelectorRequirement{Key:"
                + requirement.getKey()
                + ",Operator:"
                + requirement.getOperator()
                + ",Values:["
                + String.join(" ", OrEmpty.of(requirement.getValues()))
                + "],},";
    }
}
