package io.keelson.apiserver.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.types.CelType;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelVariableResolver;
import io.keelson.apiserver.cel.functions.Cost;
import io.keelson.apiserver.schema.Schema;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** An expression that was compiled. Immutable; any thread may evaluate it. */
public final class CelExpression {
    private final String text;
    private final CelAbstractSyntaxTree tree;
    private final CelRuntime.Program program;
    private final Map<String, Cost> functionCosts;
    private final CallCosts costs;
    private final Set<String> names = new HashSet<>();

    CelExpression(String text, CelAbstractSyntaxTree tree, CelRuntime.Program program, Map<String, Cost> costs) {
        this.text = text;
        this.tree = tree;
        this.program = program;
        this.functionCosts = costs;
        this.costs = CallCosts.of(tree, costs);
        tree.getReferenceMap().values().forEach(reference -> names.add(reference.name()));
    }

    /** As it was written. */
    public String text() {
        return text;
    }

    /** The type of what it gives; {@code dyn} if that is known only when it runs. */
    public CelType resultType() {
        return tree.getResultType();
    }

    /** Whether a variable stands in it. */
    public boolean uses(String variable) {
        return names.contains(variable);
    }

    /**
     * What it can cost at worst.
     *
     * @param schemas of its variables; those that have none count as small
     * @return the largest long if it is more
     */
    public long estimatedCost(Map<String, Schema> schemas) {
        try {
            return CostEstimate.of(tree, functionCosts, schemas);
        } catch (StackOverflowError e) {
            return Long.MAX_VALUE;
        }
    }

    /**
     * Evaluates it.
     *
     * @param variables by name, as {@link CelValues} makes them; those that are missing are errors where they are used
     * @param budget from which the cost is taken, also if it fails
     * @return text, number, truth, list, map, timestamp, CEL's null, or a value of a function's own
     * @throws CelExpressionException if it gives no result, or costs more than is left
     */
    public Object evaluate(Map<String, Object> variables, CelBudget budget) throws CelExpressionException {
        if (budget.isExhausted()) {
            throw CelExpressionException.totalBudget();
        }
        RuntimeCost cost = new RuntimeCost(costs, budget.forNext());
        try {
            Object result = program.trace(find(variables), cost);
            if (result == null) {
                throw CelExpressionException.of("expression gives no value", null);
            }
            return result;
        } catch (RuntimeCost.LimitReached e) {
            throw cost.cost() > budget.left()
                    ? CelExpressionException.totalBudget()
                    : CelExpressionException.expressionBudget();
        } catch (CelEvaluationException e) {
            throw CelExpressionException.of(ErrorTexts.of(e), e);
        } catch (StackOverflowError e) {
            throw CelExpressionException.of("expression or value is too deep to be evaluated", null);
        } catch (RuntimeException e) {
            throw CelExpressionException.of("evaluation failed: " + e.getMessage(), e);
        } finally {
            budget.spend(cost.cost());
        }
    }

    /** Each is looked up only when the expression comes to it. */
    private static CelVariableResolver find(Map<String, Object> variables) {
        return name -> Optional.ofNullable(variables.get(name));
    }

    /**
     * As {@link #evaluate}, for expressions that are true or false.
     *
     * @throws CelExpressionException also if the result is neither
     */
    public boolean test(Map<String, Object> variables, CelBudget budget) throws CelExpressionException {
        if (evaluate(variables, budget) instanceof Boolean truth) {
            return truth;
        }
        throw CelExpressionException.of("expression must evaluate to a bool", null);
    }

    @Override
    public String toString() {
        return text;
    }
}
