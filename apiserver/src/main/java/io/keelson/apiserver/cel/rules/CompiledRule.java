package io.keelson.apiserver.cel.rules;

import io.keelson.apiserver.cel.CelExpression;
import io.keelson.apiserver.schema.Rules;
import org.jspecify.annotations.Nullable;

/**
 * A rule that was compiled.
 *
 * @param rule as it is stated
 * @param expression what must be true; null if it does not compile, or is empty
 * @param error why it does not compile; empty if it does
 * @param message gives the message for who breaks it; null if there is no such expression, or it does not compile
 * @param messageError why the expression for the message does not compile; empty if it does
 * @param fieldPath where errors are reported, below the value; empty for the value itself
 * @param fieldPathError what is wrong with the path; empty if nothing is
 */
public record CompiledRule(
        Rules.Expression rule,
        @Nullable CelExpression expression,
        String error,
        @Nullable CelExpression message,
        String messageError,
        String fieldPath,
        String fieldPathError) {
    /** Whether it compares with the value as it was. */
    public boolean isTransition() {
        return expression != null && expression.uses(RuleCompiler.OLD_SELF);
    }

    /** What is said of it: the message in words, or the rule itself. */
    public String shown() {
        return rule.message().isEmpty() ? rule.rule().strip() : rule.message().strip();
    }
}
