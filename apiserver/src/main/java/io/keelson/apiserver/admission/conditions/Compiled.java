package io.keelson.apiserver.admission.conditions;

import io.keelson.apiserver.cel.CelBudget;
import io.keelson.apiserver.cel.CelExpression;
import io.keelson.apiserver.cel.CelExpressionException;
import java.util.Map;

/** An expression of a policy or a webhook, or why there is none: one that does not compile fails whenever it is to be evaluated. */
public sealed interface Compiled {
    record Fine(CelExpression expression) implements Compiled {}

    /** @param why the error of the compiler */
    record Broken(String why) implements Compiled {}

    /** What compiles one. */
    @FunctionalInterface
    interface Compiler {
        CelExpression compile(String text) throws CelExpressionException;
    }

    /** Compiles one. */
    static Compiled of(String text, Compiler compiler) {
        try {
            return new Fine(compiler.compile(text));
        } catch (CelExpressionException e) {
            return new Broken(String.valueOf(e.getMessage()));
        }
    }

    /** Thrown when an expression gives no result; the message says which, and why. */
    final class FailedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final boolean outOfBudget;

        private FailedException(String message, boolean outOfBudget) {
            super(message, null, false, false);
            this.outOfBudget = outOfBudget;
        }

        public String message() {
            return String.valueOf(getMessage());
        }

        /** Whether all expressions together have used up what they may; nothing further can be evaluated. */
        public boolean outOfBudget() {
            return outOfBudget;
        }
    }

    /** @throws FailedException if it gives no result, or the budget of all is used up */
    default Object evaluate(Map<String, Object> variables, CelBudget budget) throws FailedException {
        return switch (this) {
            case Broken broken -> throw new FailedException("compilation error: " + broken.why(), false);
            case Fine fine -> {
                Object result;
                try {
                    result = fine.expression().evaluate(variables, budget);
                } catch (CelExpressionException e) {
                    requireBudget(budget);
                    throw new FailedException(
                            "expression '" + fine.expression().text() + "' resulted in error: " + e.getMessage(),
                            false);
                }
                requireBudget(budget);
                yield result;
            }
        };
    }

    private static void requireBudget(CelBudget budget) throws FailedException {
        if (budget.isExhausted()) {
            throw new FailedException(
                    "validation failed due to running out of cost budget, no further validation rules will be run",
                    true);
        }
    }
}
