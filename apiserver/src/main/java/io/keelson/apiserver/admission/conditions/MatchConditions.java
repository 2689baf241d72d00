package io.keelson.apiserver.admission.conditions;

import io.keelson.apiserver.cel.CelBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Evaluates match conditions. */
public final class MatchConditions {
    private static final long BUDGET = 2_500_000;

    private MatchConditions() {}

    /**
     * Whether all conditions hold. One that does not makes the outcome of others unimportant, also if they fail.
     *
     * @throws ConfigurationException if none is known not to hold, and some fail
     */
    public static boolean hold(List<Compiled> conditions, Map<String, Object> values, boolean mayFail)
            throws ConfigurationException {
        CelBudget budget = CelBudget.of(CelBudget.PER_EXPRESSION, BUDGET);
        List<String> failures = new ArrayList<>();
        for (Compiled condition : conditions) {
            try {
                if (condition.evaluate(values, budget).equals(false)) {
                    return false;
                }
            } catch (Compiled.FailedException e) {
                if (e.outOfBudget()) {
                    failures = List.of(e.message());
                    break;
                }
                failures.add(e.message());
            }
        }
        if (failures.isEmpty()) {
            return true;
        }
        if (mayFail) {
            return false;
        }
        throw new ConfigurationException(
                failures.size() == 1 ? failures.getFirst() : "[" + String.join(", ", failures) + "]");
    }
}
