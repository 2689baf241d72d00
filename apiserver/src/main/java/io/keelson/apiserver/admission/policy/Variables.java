package io.keelson.apiserver.admission.policy;

import io.keelson.apiserver.admission.conditions.Compiled;
import io.keelson.apiserver.cel.CelBudget;
import io.keelson.apiserver.cel.CelExpressionException;
import io.keelson.apiserver.cel.admission.AdmissionExpressions;
import io.keelson.apiserver.cel.functions.FunctionFailure;
import io.keelson.apiserver.object.GoText;
import java.util.AbstractMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Values of all variables for one evaluation of a policy. Those of the policy itself are evaluated when an expression first
 * asks for them, once, whatever comes of it. One thread.
 */
final class Variables extends AbstractMap<String, Object> {
    /** How many variables may be under evaluation at a time, each for the sake of the one before: a matter of the stack. */
    private static final int DEPTH_MAX = 32;

    private final Map<String, Object> given;
    private final Map<String, Compiled> own;
    private final CelBudget budget;
    private final Map<String, Outcome> known = new HashMap<>();
    private int depth;

    /** What came of one. */
    private sealed interface Outcome {
        record Value(Object value) implements Outcome {}

        record Failure(String message) implements Outcome {}
    }

    /**
     * @param given values of other variables
     * @param own the policy's variables, by name
     */
    Variables(Map<String, Object> given, Map<String, Compiled> own, CelBudget budget) {
        this.given = given;
        this.own = own;
        this.budget = budget;
    }

    @Override
    public @Nullable Object get(@Nullable Object key) {
        return AdmissionExpressions.VARIABLES.equals(key) ? new View(own.keySet(), this::value) : given.get(key);
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return get(key) != null;
    }

    private @Nullable Object value(String name) {
        Compiled variable = own.get(name);
        if (variable == null) {
            return null;
        }
        Outcome outcome = known.get(name);
        if (outcome == null) {
            outcome = evaluate(name, variable);
            known.put(name, outcome);
        }
        return switch (outcome) {
            case Outcome.Value found -> found.value();
            case Outcome.Failure failure -> throw new FunctionFailure(failure.message());
        };
    }

    private Outcome evaluate(String name, Compiled variable) {
        String which = "composited variable " + GoText.quoted(name);
        if (depth == DEPTH_MAX) {
            return new Outcome.Failure(
                    which + " fails to evaluate: more than " + DEPTH_MAX + " variables depend on it");
        }
        depth++;
        try {
            return outcome(which, variable);
        } finally {
            depth--;
        }
    }

    private Outcome outcome(String which, Compiled variable) {
        return switch (variable) {
            case Compiled.Broken broken -> new Outcome.Failure(which + " fails to compile: " + broken.why());
            case Compiled.Fine fine -> {
                try {
                    yield new Outcome.Value(fine.expression().evaluate(this, budget));
                } catch (CelExpressionException e) {
                    yield new Outcome.Failure(which + " fails to evaluate: " + e.getMessage());
                }
            }
        };
    }

    /** Of the names given in advance only: it is asked for values by name, never gone through. */
    @Override
    public Set<Map.Entry<String, Object>> entrySet() {
        return given.entrySet();
    }

    /** The policy's variables as a whole. */
    private static final class View extends AbstractMap<String, Object> {
        private final Set<String> names;
        private final Function<String, @Nullable Object> values;

        View(Set<String> names, Function<String, @Nullable Object> values) {
            this.names = names;
            this.values = values;
        }

        @Override
        public @Nullable Object get(@Nullable Object key) {
            return key instanceof String name ? values.apply(name) : null;
        }

        @Override
        public boolean containsKey(@Nullable Object key) {
            return key instanceof String name && names.contains(name);
        }

        @Override
        public Set<Map.Entry<String, Object>> entrySet() {
            Map<String, Object> all = new HashMap<>();
            for (String name : names) {
                Object value = values.apply(name);
                if (value != null) {
                    all.put(name, value);
                }
            }
            return all.entrySet();
        }
    }
}
