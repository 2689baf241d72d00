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

    /** What kind of thing keeps an expression from giving a result. */
    enum Failure {
        /** It does not compile. */
        COMPILATION,
        /** It does not fit what it was evaluated with. */
        EVALUATION,
        /** All expressions together have used up what they may. */
        BUDGET
    }

    /** Thrown when an expression gives no result; the message says which, and why. */
    final class FailedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final Failure failure;

        private FailedException(String message, Failure failure) {
            super(message, null, false, false);
            this.failure = failure;
        }

        public String message() {
            return String.valueOf(getMessage());
        }

        public Failure failure() {
            return failure;
        }

        /** Whether all expressions together have used up what they may; nothing further can be evaluated. */
        public boolean outOfBudget() {
            return failure == Failure.BUDGET;
        }
    }

    /** @throws FailedException if it gives no result, or the budget of all is used up */
    default Object evaluate(Map<String, Object> variables, CelBudget budget) throws FailedException {
        return switch (this) {
            case Broken broken -> throw new FailedException("compilation error: " + broken.why(), Failure.COMPILATION);
            case Fine fine -> {
                Object result;
                try {
                    result = fine.expression().evaluate(variables, budget);
                } catch (CelExpressionException e) {
                    requireBudget(budget);
                    throw new FailedException(
                            "expression '" + fine.expression().text() + "' resulted in error: " + e.getMessage(),
                            Failure.EVALUATION);
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
                    Failure.BUDGET);
        }
    }
}
