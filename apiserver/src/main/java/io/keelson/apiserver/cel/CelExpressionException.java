package io.keelson.apiserver.cel;

import org.jspecify.annotations.Nullable;

/**
 * An expression that does not compile, or that gives no result for the values it was given. The message is that of the
 * original, without the expression: {@code no such key: replicas} for example.
 */
public final class CelExpressionException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean budgetExceeded;

    private CelExpressionException(String message, @Nullable Throwable cause, boolean budgetExceeded) {
        super(message, cause);
        this.budgetExceeded = budgetExceeded;
    }

    public static CelExpressionException of(String message, @Nullable Throwable cause) {
        return new CelExpressionException(message, cause, false);
    }

    /** For who compiles, and does not want what was compiled. */
    public static CelExpressionException refused(String message) {
        return of(message, null);
    }

    /** The expression cost more than it may. */
    static CelExpressionException expressionBudget() {
        return new CelExpressionException("operation cancelled: actual cost limit exceeded", null, true);
    }

    /** All expressions together cost more than they may. */
    static CelExpressionException totalBudget() {
        return new CelExpressionException(
                "validation failed due to running out of cost budget, no further validation rules will be run",
                null,
                true);
    }

    /** Whether it was stopped for what it cost. */
    public boolean budgetExceeded() {
        return budgetExceeded;
    }
}
