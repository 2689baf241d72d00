package io.keelson.apiserver.cel;

/**
 * What may still be spent on evaluating expressions, in the units in which Kubernetes counts: about one for each step. For
 * the expressions of one request; one thread.
 */
public final class CelBudget {
    /** What one evaluation of one expression may cost. */
    public static final long PER_EXPRESSION = 1_000_000;

    /** What all expressions over one object may cost together. */
    public static final long PER_OBJECT = 10_000_000;

    private final long perExpression;
    private long left;

    private CelBudget(long perExpression, long total) {
        this.perExpression = perExpression;
        this.left = total;
    }

    public static CelBudget of(long perExpression, long total) {
        return new CelBudget(perExpression, total);
    }

    /** What one expression by itself may cost. */
    public static CelBudget ofExpression() {
        return of(PER_EXPRESSION, PER_EXPRESSION);
    }

    /** What one object may cost. */
    public static CelBudget ofObject() {
        return of(PER_EXPRESSION, PER_OBJECT);
    }

    /** What is left of the total. */
    public long left() {
        return Math.max(0, left);
    }

    /** Whether the total is used up; nothing is evaluated then. */
    public boolean isExhausted() {
        return left < 0;
    }

    /** What the next expression may cost: nothing less than one step, so that the total can be passed at all. */
    long forNext() {
        return Math.min(perExpression, Math.max(0, left));
    }

    long perExpression() {
        return perExpression;
    }

    void spend(long cost) {
        left -= cost;
    }
}
