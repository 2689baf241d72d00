package io.keelson.apiserver.validation;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Labels, annotations, and selectors of labels, wherever they stand. */
public final class LabelValidation {
    private static final int ANNOTATIONS_BYTES_MAX = 256 * 1024;

    private LabelValidation() {}

    /** A map of labels. */
    public static void labels(Place labels) {
        for (Place label : labels.entries()) {
            for (String wrong : Names.qualifiedName(label.key())) {
                labels.invalid(label.key(), wrong);
            }
            for (String wrong : Names.labelValue(label.text())) {
                label.invalid(label.text(), wrong);
            }
        }
    }

    /** A map of annotations, which are limited in their sum only. */
    public static void annotations(Place annotations) {
        long bytes = 0;
        for (Place annotation : annotations.entries()) {
            for (String wrong : Names.qualifiedName(annotation.key().toLowerCase(Locale.ROOT))) {
                annotations.invalid(annotation.key(), wrong);
            }
            bytes += utf8Bytes(annotation.key()) + utf8Bytes(annotation.text());
        }
        if (bytes > ANNOTATIONS_BYTES_MAX) {
            annotations.tooLong(ANNOTATIONS_BYTES_MAX);
        }
    }

    /** A selector with {@code matchLabels} and {@code matchExpressions}. */
    public static void selector(Place selector) {
        labels(selector.at("matchLabels"));
        for (Place expression : selector.at("matchExpressions").items()) {
            requirement(expression, false);
        }
    }

    /**
     * One of the conditions of a selector of labels.
     *
     * @param anyOperator whether operators that are not known are let pass
     */
    public static void requirement(Place requirement, boolean anyOperator) {
        operator(requirement, anyOperator);
        requirement.at("key").check(Names::qualifiedName);
        for (Place value : requirement.at("values").items()) {
            value.check(Names::labelValue);
        }
    }

    /** Whether there are values where the operator of a condition has some, of labels or of fields. */
    public static void operator(Place requirement, boolean anyOperator) {
        Place values = requirement.at("values");
        switch (requirement.at("operator").text()) {
            case "In", "NotIn" -> {
                if (values.size() == 0) {
                    values.required("must be specified when `operator` is 'In' or 'NotIn'");
                }
            }
            case "Exists", "DoesNotExist" -> {
                if (values.size() > 0) {
                    values.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                }
            }
            default -> {
                if (!anyOperator) {
                    requirement.at("operator").invalid("not a valid selector operator");
                }
            }
        }
    }

    /** Whether a selector selects by anything at all. */
    public static boolean selectsSomething(Place selector) {
        return selector.at("matchLabels").size()
                        + selector.at("matchExpressions").size()
                > 0;
    }

    /** A list of conditions as most kinds have them: with times, reasons and unique types. */
    public static void conditions(Place conditions) {
        Set<String> types = new HashSet<>();
        for (Place condition : conditions.items()) {
            Place type = condition.at("type");
            type.requireAndCheck(Names::qualifiedName);
            if (!types.add(type.text())) {
                type.duplicate();
            }
            if (!List.of("True", "False", "Unknown")
                    .contains(condition.at("status").text())) {
                condition.at("status").notSupported("False", "True", "Unknown");
            }
            condition.at("observedGeneration").notNegative();
            if (condition.at("lastTransitionTime").empty()) {
                condition.at("lastTransitionTime").required("");
            }
            condition.at("reason").mustBeFilled();
        }
    }

    private static long utf8Bytes(String text) {
        return text.codePoints()
                .asLongStream()
                .reduce(0, (sum, c) -> sum + (c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4));
    }
}
