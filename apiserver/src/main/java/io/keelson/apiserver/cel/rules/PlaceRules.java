package io.keelson.apiserver.cel.rules;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.cel.CelBudget;
import io.keelson.apiserver.cel.CelExpression;
import io.keelson.apiserver.cel.CelExpressionException;
import io.keelson.apiserver.cel.CelValues;
import io.keelson.apiserver.cel.functions.FunctionFailure;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Holds a value to the rules that stand at its place. */
final class PlaceRules {
    private static final int MESSAGE_BYTES_MAX = 5 * 1_024;
    private static final String OUT_OF_BUDGET =
            "validation failed due to running out of cost budget, no further validation rules will be run";

    /** How the original writes the place of the object itself. */
    private static final FieldPath OBJECT = FieldPath.of("<nil>");

    private final String type;
    private final Schema schema;
    private final List<CompiledRule> rules;
    private final CelBudget budget;
    private final FieldErrors errors;

    PlaceRules(Schema schema, List<CompiledRule> rules, CelBudget budget, FieldErrors errors) {
        this.type = RuleCompiler.typeName(schema);
        this.schema = schema;
        this.rules = rules;
        this.budget = budget;
        this.errors = errors;
    }

    /** @return whether more rules may be looked at: not if too much was spent */
    boolean check(JsonNode value, Correlation correlation, FieldPath place) {
        FieldPath path = place.isRoot() ? OBJECT : place;
        if (budget.left() == 0) {
            errors.invalid(path, type, OUT_OF_BUDGET);
            return false;
        }
        JsonNode old = correlation.old();
        Object self;
        Object oldSelf;
        try {
            self = CelValues.of(value, schema);
            oldSelf = old == null || old.isNull() ? null : CelValues.of(old, schema);
        } catch (FunctionFailure e) {
            // A text that is not of the format that the schema says
            errors.invalid(
                    path,
                    type,
                    e.getMessage() + " evaluating rule: " + rules.getFirst().shown());
            return true;
        }
        for (CompiledRule rule : rules) {
            CelExpression expression = rule.expression();
            if (expression == null) {
                if (!rule.error().isEmpty()) {
                    errors.invalid(path, type, "rule compile error: " + rule.error());
                }
                continue;
            }
            boolean optional = rule.rule().optionalOldSelf();
            if (rule.isTransition() && oldSelf == null && !optional) {
                continue;
            }
            Map<String, Object> variables = variables(self, oldSelf, optional);
            try {
                if (!expression.test(variables, budget) && !broken(rule, variables, correlation, path)) {
                    return false;
                }
            } catch (CelExpressionException e) {
                if (!failed(rule, e, path)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static Map<String, Object> variables(Object self, @Nullable Object oldSelf, boolean optional) {
        Map<String, Object> variables = new HashMap<>();
        variables.put(RuleCompiler.SELF, self);
        if (optional) {
            variables.put(RuleCompiler.OLD_SELF, Optional.ofNullable(oldSelf));
        } else if (oldSelf != null) {
            variables.put(RuleCompiler.OLD_SELF, oldSelf);
        }
        return variables;
    }

    private boolean failed(CompiledRule rule, CelExpressionException failure, FieldPath path) {
        String text = Objects.requireNonNullElse(failure.getMessage(), "");
        if (!failure.budgetExceeded()) {
            errors.invalid(
                    path,
                    type,
                    text.startsWith("no such overload")
                            ? "'" + text + "': call arguments did not match a supported operator, function or macro "
                                    + "signature for rule: " + rule.shown()
                            : text + " evaluating rule: " + rule.shown());
            return true;
        }
        errors.invalid(
                path,
                type,
                budget.isExhausted()
                        ? OUT_OF_BUDGET
                        : "'" + text + "': no further validation rules will be run due to call cost exceeds limit for "
                                + "rule: " + rule.shown());
        return false;
    }

    /** Reports a rule that is broken; one that was so before is let pass with a warning. */
    private boolean broken(CompiledRule rule, Map<String, Object> variables, Correlation correlation, FieldPath path) {
        FieldErrors found = new FieldErrors();
        boolean goOn = report(rule, variables, path, found);
        if (!rule.isTransition() && correlation.isUnchanged()) {
            errors.pardon(found);
        } else {
            errors.addAll(found);
        }
        return goOn;
    }

    private boolean report(CompiledRule rule, Map<String, Object> variables, FieldPath path, FieldErrors found) {
        FieldPath below = path.equals(OBJECT) ? FieldPath.root() : path;
        FieldPath at = rule.fieldPath().isEmpty() ? path : below.child(rule.fieldPath());
        String detail = rule.rule().message().isEmpty() ? "failed rule: " + rule.shown() : rule.shown();
        CelExpression message = rule.message();
        if (message != null) {
            try {
                String said = message(message, variables);
                detail = said.isEmpty() ? detail : said;
            } catch (CelExpressionException e) {
                if (e.budgetExceeded()) {
                    found.invalid(
                            at,
                            type,
                            budget.isExhausted()
                                    ? "messageExpression evaluation failed due to running out of cost budget, no further "
                                            + "validation rules will be run"
                                    : "no further validation rules will be run due to call cost exceeds limit for "
                                            + "messageExpression: " + GoText.quoted(message.text()));
                    return false;
                }
                // The message in words, or the rule, says enough: that the other could not be made is not the user's
                // fault.
            }
        }
        switch (rule.rule().reason()) {
            case "FieldValueForbidden" -> found.forbidden(at, detail);
            case "FieldValueRequired" -> found.required(at, detail);
            case "FieldValueDuplicate" -> found.duplicate(at, type);
            default -> found.invalid(at, type, detail);
        }
        return true;
    }

    /** One line of text; empty if the expression gives none that can be used. */
    private String message(CelExpression message, Map<String, Object> variables) throws CelExpressionException {
        Object said = message.evaluate(variables, budget);
        if (!(said instanceof String text)) {
            return "";
        }
        String stripped = text.strip();
        boolean fits = stripped.getBytes(StandardCharsets.UTF_8).length <= MESSAGE_BYTES_MAX;
        return fits && stripped.indexOf('\n') < 0 ? stripped : "";
    }
}
