package io.keelson.apiserver.cel;

import dev.cel.common.ast.CelExpr;
import dev.cel.runtime.CelEvaluationListener;

/**
 * Counts what one evaluation costs, and ends it when it costs too much. The library tells of each part of the expression
 * that was evaluated, with its value; what a call costs follows from the values of its arguments, and is counted when the
 * last of them is there, before the call is made.
 */
final class RuntimeCost implements CelEvaluationListener {
    /**
     * Thrown to end an evaluation. No exception: operators such as {@code ||} catch those of one side, and go on with the
     * other, so that a loop would never end.
     */
    static final class LimitReached extends Error {
        private static final long serialVersionUID = 1L;

        LimitReached() {
            super("cost limit", null, false, false);
        }
    }

    /** A failure that is passed over costs the library as much time as so many steps. */
    private static final long FAILURE = 1_000;

    private final CallCosts calls;
    private final Object[] values;
    private final long limit;
    private long cost;
    private int expected;

    RuntimeCost(CallCosts calls, long limit) {
        this.calls = calls;
        this.limit = limit;
        this.values = new Object[calls.size()];
    }

    @Override
    public void callback(CelExpr expression, Object value) {
        int id = (int) expression.id();
        values[id] = value;
        if (expected != 0 && expected != id) {
            cost += FAILURE;
        }
        expected = calls.follower(id);
        cost += calls.own(id);
        CallCosts.Call call = calls.completedBy(id);
        if (call != null) {
            cost += call.cost(values);
        }
        if (cost > limit || cost < 0) {
            throw new LimitReached();
        }
    }

    long cost() {
        return cost < 0 ? Long.MAX_VALUE : cost;
    }
}
