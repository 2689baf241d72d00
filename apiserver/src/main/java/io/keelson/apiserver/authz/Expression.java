package io.keelson.apiserver.authz;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableMap;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.NullValue;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An expression in CEL as configuration files of authentication and authorization have them: over JSON, with the standard
 * functions and those for strings, lists, sets and numbers. Compiled once, evaluated by any thread, bounded in length and
 * in steps.
 */
public final class Expression {
    private static final int CHARS_MAX = 10_000;

    private static final CelOptions OPTIONS = CelOptions.current()
            .maxExpressionCodePointSize(CHARS_MAX)
            .comprehensionMaxIterations(100_000)
            .build();

    private final String text;
    private final CelRuntime.Program program;

    /** What is wrong with an expression, or with what it was given. */
    public static final class ExpressionException extends Exception {
        private static final long serialVersionUID = 1L;

        ExpressionException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private Expression(String text, CelRuntime.Program program) {
        this.text = text;
        this.program = program;
    }

    /** @param variables names that the expression may use; they stand for JSON of any form */
    public static Expression compile(String text, Set<String> variables) throws ExpressionException {
        CelCompilerBuilder compiler = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addLibraries(
                        CelExtensions.strings(),
                        CelExtensions.sets(OPTIONS),
                        CelExtensions.math(),
                        CelExtensions.lists(),
                        CelExtensions.optional());
        variables.forEach(variable -> compiler.addVar(variable, SimpleType.DYN));
        CelRuntime runtime = CelRuntimeFactory.legacyCelRuntimeBuilder()
                .setOptions(OPTIONS)
                .addLibraries(
                        CelExtensions.strings(),
                        CelExtensions.sets(OPTIONS),
                        CelExtensions.math(),
                        CelExtensions.lists(),
                        CelExtensions.optional())
                .build();
        try {
            return new Expression(
                    text, runtime.createProgram(compiler.build().compile(text).getAst()));
        } catch (CelValidationException | CelEvaluationException e) {
            throw new ExpressionException("compilation failed: " + e.getMessage(), e);
        }
    }

    /** @return text, number, boolean, list, map, or CEL's null */
    public Object evaluate(Map<String, Object> variables) throws ExpressionException {
        try {
            return program.eval(ImmutableMap.copyOf(variables));
        } catch (CelEvaluationException e) {
            throw new ExpressionException("expression '" + text + "' resulted in error: " + e.getMessage(), e);
        }
    }

    /** Evaluates what is to be true or false. */
    public boolean test(Map<String, Object> variables) throws ExpressionException {
        Object result = evaluate(variables);
        if (result instanceof Boolean bool) {
            return bool;
        }
        throw new ExpressionException(
                "expression '" + text + "' must evaluate to a bool",
                new IllegalStateException(result.getClass().getSimpleName()));
    }

    /** JSON as CEL sees it. */
    public static Object value(JsonNode node) {
        return switch (node.getNodeType()) {
            case STRING -> node.textValue();
            case BOOLEAN -> node.booleanValue();
            case NUMBER -> node.isIntegralNumber() ? (Object) node.longValue() : (Object) node.doubleValue();
            case ARRAY -> {
                List<Object> list = new ArrayList<>(node.size());
                node.forEach(element -> list.add(value(element)));
                yield list;
            }
            case OBJECT -> {
                Map<String, Object> map = new LinkedHashMap<>();
                node.properties().forEach(field -> map.put(field.getKey(), value(field.getValue())));
                yield map;
            }
            case NULL, MISSING, BINARY, POJO -> NullValue.NULL_VALUE;
        };
    }

    public String text() {
        return text;
    }

    @Override
    public String toString() {
        return text;
    }
}
