package io.keelson.apiserver.kinds.admission;

import com.fasterxml.jackson.databind.node.TextNode;
import io.keelson.apiserver.cel.CelExpression;
import io.keelson.apiserver.cel.CelExpressionException;
import io.keelson.apiserver.cel.admission.AdmissionExpressions;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;

/**
 * Compiles the expressions of a policy or a webhook to find out what is wrong with them. Stops once that is more than can be told anyway:
 * an object made of expressions that do not compile must not keep the server busy.
 */
final class PolicyExpressions {
    /** What compiles one. */
    @FunctionalInterface
    private interface Compiler {
        CelExpression compile(String text) throws CelExpressionException;
    }

    private final AdmissionExpressions expressions;

    /**
     * @param params whether the policy has parameters
     * @param variables whether it has variables
     */
    PolicyExpressions(boolean params, boolean variables) {
        this.expressions = new AdmissionExpressions(params, variables);
    }

    void condition(Place expression) {
        String text = expression.text().strip();
        check(expression.with(TextNode.valueOf(text)), text, expressions::condition);
    }

    /** A variable, which is known to expressions that follow. */
    void variable(String name, Place expression) {
        check(expression, expression.text(), text -> expressions.variable(name, text));
    }

    void validation(Place expression) {
        check(expression, expression.text(), expressions::validation);
    }

    void message(Place expression) {
        check(expression, expression.text(), expressions::message);
    }

    void annotation(Place expression) {
        check(expression, expression.text().strip(), expressions::annotation);
    }

    void configuration(Place expression) {
        check(expression, expression.text().strip(), expressions::configuration);
    }

    void patch(Place expression) {
        check(expression, expression.text().strip(), expressions::patch);
    }

    private static void check(Place place, String text, Compiler compiler) {
        if (text.isBlank() || place.errors().count() >= FieldErrors.ERRORS_MAX) {
            return;
        }
        try {
            var _ = compiler.compile(text);
        } catch (CelExpressionException e) {
            place.invalid(String.valueOf(e.getMessage()));
        }
    }
}
