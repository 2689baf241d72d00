package io.keelson.apiserver.cel.rules;

import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import io.keelson.apiserver.cel.CelEnvironment;
import io.keelson.apiserver.cel.CelExpression;
import io.keelson.apiserver.cel.CelExpressionException;
import io.keelson.apiserver.cel.CelResult;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.schema.Rules;
import io.keelson.apiserver.schema.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compiles the rules that stand at one place of a schema. */
public final class RuleCompiler {
    static final String SELF = "self";
    static final String OLD_SELF = "oldSelf";

    private final Schema schema;
    private @Nullable CelEnvironment plain;
    private @Nullable CelEnvironment optional;

    private RuleCompiler(Schema schema) {
        this.schema = schema;
    }

    /** In the order in which they are stated; none if nothing can be known of the type of values here. */
    public static List<CompiledRule> compile(Schema schema) {
        Rules rules = schema.rules();
        if (rules == null || rules.expressions().isEmpty()) {
            return List.of();
        }
        RuleCompiler compiler = new RuleCompiler(schema);
        List<CompiledRule> compiled = new ArrayList<>();
        rules.expressions().forEach(rule -> compiled.add(compiler.rule(rule)));
        return List.copyOf(compiled);
    }

    private CompiledRule rule(Rules.Expression rule) {
        String path = "";
        String pathError = "";
        try {
            path = RuleFieldPath.resolve(rule.fieldPath(), schema);
        } catch (MalformedException e) {
            pathError = Objects.requireNonNullElse(e.getMessage(), "");
        }
        if (rule.rule().isBlank()) {
            return new CompiledRule(rule, null, "", null, "", path, pathError);
        }
        CelExpression expression = null;
        String error = "";
        try {
            expression = compile(
                    rule.rule(), rule.optionalOldSelf(), SimpleType.BOOL, "cel expression must evaluate to a bool");
        } catch (CelExpressionException e) {
            error = Objects.requireNonNullElse(e.getMessage(), "");
        }
        CelExpression message = null;
        String messageError = "";
        if (!rule.messageExpression().isBlank()) {
            try {
                message = compile(
                        rule.messageExpression(),
                        rule.optionalOldSelf(),
                        SimpleType.STRING,
                        "must evaluate to a string");
            } catch (CelExpressionException e) {
                messageError = "messageExpression " + e.getMessage();
            }
        }
        return new CompiledRule(rule, expression, error, message, messageError, path, pathError);
    }

    private CelExpression compile(String text, boolean optionalOldSelf, CelType result, String wrongResult)
            throws CelExpressionException {
        CelExpression compiled = environment(optionalOldSelf).compile(text, Set.of(CelResult.ANY));
        if (!compiled.resultType().equals(result)) {
            throw CelExpressionException.refused(wrongResult);
        }
        return compiled;
    }

    private CelEnvironment environment(boolean optionalOldSelf) throws CelExpressionException {
        CelEnvironment known = optionalOldSelf ? optional : plain;
        if (known != null) {
            return known;
        }
        CelEnvironment made = CelEnvironment.ofSelf(schema, optionalOldSelf)
                .orElseThrow(() -> CelExpressionException.refused(
                        "rule declared on schema that does not support validation rules type: '" + typeName(schema)
                                + "' x-kubernetes-preserve-unknown-fields: '" + schema.preserveUnknownFields() + "'"));
        if (optionalOldSelf) {
            optional = made;
        } else {
            plain = made;
        }
        return made;
    }

    /** The type of values, as schemas state it; empty if they do not. */
    static String typeName(Schema schema) {
        return switch (schema.type()) {
            case OBJECT -> "object";
            case ARRAY -> "array";
            case STRING -> "string";
            case INTEGER -> "integer";
            case NUMBER -> "number";
            case BOOLEAN -> "boolean";
            case ANY -> "";
        };
    }
}
