package io.keelson.apiserver.kinds.extensions;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.cel.CelExpression;
import io.keelson.apiserver.cel.SizeBound;
import io.keelson.apiserver.cel.rules.CompiledRule;
import io.keelson.apiserver.cel.rules.RuleCompiler;
import io.keelson.apiserver.schema.Rules;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.schema.StructuralSchema;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with the {@code x-kubernetes-validations} of a schema: they do not compile, can cost too much for the
 * largest object there can be, or compare with an old value that nothing has.
 */
final class ExpressionRules {
    private static final String KEYWORD = "x-kubernetes-validations";

    /** What one rule may cost for all the places of an object where it holds. */
    private static final long RULE_COST_MAX = 10_000_000;

    /** What all rules of a schema may cost together. */
    private static final long SCHEMA_COST_MAX = 100_000_000;

    /** How many rules a schema may have: each takes its time to compile. */
    private static final int RULES_MAX = 2_000;

    /** How many of the dearest rules are told when all together cost too much. */
    private static final int DEAREST_MAX = 4;

    private final FieldErrors errors;
    private final List<Priced> priced = new ArrayList<>();
    private long total;
    private int count;

    private record Priced(FieldPath path, long cost) {}

    private ExpressionRules(FieldErrors errors) {
        this.errors = errors;
    }

    /** @param openApi a schema that is structural */
    static void validate(JsonNode openApi, FieldPath path, FieldErrors errors) {
        if (openApi.findValue(KEYWORD) == null) {
            return;
        }
        ExpressionRules rules = new ExpressionRules(errors);
        rules.place(StructuralSchema.read(openApi), path, 1, null);
        if (rules.count > RULES_MAX) {
            errors.forbidden(path, "must not have more than " + RULES_MAX + " x-kubernetes-validations");
        }
        if (rules.total > SCHEMA_COST_MAX) {
            rules.tooDear(path);
        }
    }

    /**
     * @param times at how many places of an object the schema stands at most
     * @param apart the place above whose elements cannot be told apart; null if there is none
     */
    private void place(Schema schema, FieldPath path, long times, @Nullable FieldPath apart) {
        Rules stated = schema.rules();
        count += stated == null ? 0 : stated.expressions().size();
        if (count > RULES_MAX) {
            return;
        }
        List<CompiledRule> compiled = RuleCompiler.compile(schema);
        for (int i = 0; i < compiled.size(); i++) {
            rule(schema, compiled.get(i), path.child(KEYWORD).index(i), times, apart);
        }
        FieldPath below = apart == null && schema.atomicMap() ? path : apart;
        schema.properties().forEach((name, property) -> {
            if (!schema.embeddedResource() || !name.equals("metadata")) {
                place(property, path.child("properties").key(name), times, below);
            }
        });
        Schema values = schema.additionalProperties();
        if (values != null) {
            place(values, path.child("additionalProperties"), product(times, SizeBound.of(schema)), below);
        }
        Schema items = schema.items();
        if (items != null) {
            boolean told = schema.listType() == Schema.ListType.MAP;
            place(
                    items,
                    path.child("items"),
                    product(times, SizeBound.of(schema)),
                    apart == null && !told ? path : apart);
        }
    }

    private void rule(Schema schema, CompiledRule rule, FieldPath path, long times, @Nullable FieldPath apart) {
        if (!rule.error().isEmpty()) {
            errors.invalid(path.child("rule"), rule.rule().rule(), rule.error());
        }
        if (!rule.messageError().isEmpty()) {
            errors.invalid(path.child("messageExpression"), rule.rule().messageExpression(), rule.messageError());
        }
        if (!rule.fieldPathError().isEmpty()) {
            errors.invalid(
                    path.child("fieldPath"),
                    rule.rule().fieldPath(),
                    "fieldPath must be a valid path: " + rule.fieldPathError());
        }
        CelExpression expression = rule.expression();
        if (expression == null) {
            return;
        }
        if (rule.isTransition() && apart != null) {
            errors.invalid(
                    path.child("rule"),
                    rule.rule().rule(),
                    "oldSelf cannot be used on the uncorrelatable portion of the schema within " + apart);
        } else if (!rule.isTransition() && rule.rule().optionalOldSelf()) {
            errors.invalid(path.child("optionalOldSelf"), true, "may not be set if oldSelf is not used in rule");
        }
        cost("estimated rule cost", expression, schema, path.child("rule"), times);
        CelExpression message = rule.message();
        if (message != null) {
            cost("estimated messageExpression cost", message, schema, path.child("messageExpression"), times);
        }
    }

    private void cost(String what, CelExpression expression, Schema schema, FieldPath path, long times) {
        long cost = product(expression.estimatedCost(Map.of("self", schema, "oldSelf", schema)), times);
        priced.add(new Priced(path, cost));
        total = total + cost < 0 ? Long.MAX_VALUE : total + cost;
        if (cost > RULE_COST_MAX) {
            errors.forbidden(path, exceeds(what, cost, RULE_COST_MAX));
        }
    }

    private void tooDear(FieldPath path) {
        priced.stream()
                .sorted((one, other) -> Long.compare(other.cost(), one.cost()))
                .limit(DEAREST_MAX)
                .filter(one -> one.cost() > 0)
                .forEach(one -> errors.forbidden(
                        one.path(),
                        "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema"));
        errors.forbidden(
                path,
                exceeds(
                        "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema",
                        total,
                        SCHEMA_COST_MAX));
    }

    private static String exceeds(String what, long cost, long limit) {
        double factor = (double) cost / limit;
        String shown = factor > 100 ? "more than 100x" : String.format(Locale.ROOT, "%.1fx", factor);
        return what + " exceeds budget by factor of " + shown + " (try simplifying the rule, or adding maxItems,"
                + " maxProperties, and maxLength where arrays, maps, and strings are declared)";
    }

    private static long product(long one, long other) {
        return Math.multiplyHigh(one, other) != 0 || one * other < 0 ? Long.MAX_VALUE : one * other;
    }
}
