package io.keelson.apiserver.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import io.keelson.apiserver.cel.functions.Cost;
import io.keelson.apiserver.schema.Schema;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an expression can cost at worst, for the largest values that its variables can have. Loops count for all elements,
 * both sides of an operator are evaluated, of two branches the dearer one is taken. Numbers stop at the largest long.
 */
final class CostEstimate {
    private static final Set<String> LOGICAL = Set.of("_&&_", "_||_");
    private static final String CONDITIONAL = "_?_:_";

    private final CelAbstractSyntaxTree tree;
    private final Map<String, Cost> costs;
    private final Map<String, Extent> scope = new HashMap<>();

    /**
     * How large a value can be.
     *
     * @param size as {@link SizeBound} counts it
     * @param schema of the value; null if it has none
     */
    private record Extent(long size, @Nullable Schema schema) {
        static final Extent ONE = new Extent(1, null);

        static Extent of(@Nullable Schema schema) {
            return schema == null ? ONE : new Extent(SizeBound.of(schema), schema);
        }

        Extent or(Extent other) {
            return size >= other.size ? this : other;
        }
    }

    private record Estimate(long cost, Extent extent) {}

    private CostEstimate(CelAbstractSyntaxTree tree, Map<String, Cost> costs) {
        this.tree = tree;
        this.costs = costs;
    }

    /** @param variables what describes their values */
    static long of(CelAbstractSyntaxTree tree, Map<String, Cost> costs, Map<String, Schema> variables) {
        CostEstimate estimate = new CostEstimate(tree, costs);
        variables.forEach((name, schema) -> estimate.scope.put(name, Extent.of(schema)));
        return estimate.part(tree.getExpr()).cost();
    }

    private Estimate part(CelExpr part) {
        return switch (part.exprKind().getKind()) {
            case CONSTANT -> new Estimate(0, new Extent(size(part.constant()), null));
            case IDENT -> new Estimate(1, scope.getOrDefault(part.ident().name(), Extent.ONE));
            case SELECT -> select(part);
            case CALL -> call(part);
            case LIST -> {
                long cost = 10;
                Extent largest = Extent.ONE;
                for (CelExpr element : part.list().elements()) {
                    Estimate one = part(element);
                    cost = plus(cost, one.cost());
                    largest = largest.or(one.extent());
                }
                yield new Estimate(cost, new Extent(part.list().elements().size(), null));
            }
            case MAP -> {
                long cost = 30;
                for (CelExpr.CelMap.Entry entry : part.map().entries()) {
                    cost = plus(
                            cost,
                            plus(part(entry.key()).cost(), part(entry.value()).cost()));
                }
                yield new Estimate(cost, new Extent(part.map().entries().size(), null));
            }
            case STRUCT -> new Estimate(40, Extent.ONE);
            case COMPREHENSION -> loop(part.comprehension());
            case NOT_SET -> new Estimate(0, Extent.ONE);
        };
    }

    private static long size(CelConstant constant) {
        return switch (constant.getKind()) {
            case STRING_VALUE -> constant.stringValue().length();
            case BYTES_VALUE -> constant.bytesValue().size();
            default -> 1;
        };
    }

    private Estimate select(CelExpr part) {
        Estimate operand = part(part.select().operand());
        if (part.select().testOnly()) {
            return new Estimate(operand.cost(), Extent.ONE);
        }
        Schema schema = operand.extent().schema();
        return new Estimate(
                plus(operand.cost(), 1),
                Extent.of(schema == null ? null : below(schema, part.select().field())));
    }

    private static @Nullable Schema below(Schema schema, String field) {
        Schema values = schema.additionalProperties();
        return values != null ? values : schema.property(FieldNames.unescape(field));
    }

    private Estimate call(CelExpr part) {
        List<Estimate> given = new ArrayList<>();
        part.call().target().ifPresent(target -> given.add(part(target)));
        part.call().args().forEach(argument -> given.add(part(argument)));
        String function = part.call().function();
        if (function.equals(CONDITIONAL)) {
            Estimate yes = given.get(1);
            Estimate no = given.get(2);
            return new Estimate(
                    plus(given.get(0).cost(), Math.max(yes.cost(), no.cost())),
                    yes.extent().or(no.extent()));
        }
        long cost = LOGICAL.contains(function) ? 0 : own(part, given);
        for (Estimate one : given) {
            cost = plus(cost, one.cost());
        }
        return new Estimate(cost, result(part, function, given));
    }

    private long own(CelExpr part, List<Estimate> given) {
        Object[] arguments = given.stream().map(one -> standIn(one.extent())).toArray();
        if (part.call().target().isEmpty() && arguments.length == 0) {
            return 1;
        }
        return tree.getReference(part.id()).stream()
                .flatMap(reference -> reference.overloadIds().stream())
                .map(costs::get)
                .mapToLong(cost -> cost == null ? 1 : cost.estimate(arguments))
                .max()
                .orElse(1);
    }

    /** Something of a size, for functions that say what they cost by the size of what they are given. */
    private static Object standIn(Extent extent) {
        int size = (int) Math.min(Integer.MAX_VALUE, extent.size());
        Schema schema = extent.schema();
        boolean list = schema != null && (schema.type() == Schema.Type.ARRAY || schema.additionalProperties() != null);
        return list ? Collections.nCopies(size, "") : new LongText(size);
    }

    private record LongText(int length) implements CharSequence {
        @Override
        public char charAt(int index) {
            return ' ';
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new LongText(end - start);
        }

        @Override
        public String toString() {
            return "text of " + length;
        }
    }

    private Extent result(CelExpr part, String function, List<Estimate> given) {
        if (given.isEmpty()) {
            return Extent.ONE;
        }
        Extent first = given.getFirst().extent();
        Schema schema = first.schema();
        switch (function) {
            case "_[_]", "_[?_]" -> {
                if (schema == null) {
                    return Extent.ONE;
                }
                return Extent.of(schema.items() != null ? schema.items() : schema.additionalProperties());
            }
            case "_?._" -> {
                CelExpr field = part.call().args().getLast();
                boolean named = field.exprKind().getKind() == CelExpr.ExprKind.Kind.CONSTANT;
                return Extent.of(
                        schema == null || !named
                                ? null
                                : below(schema, field.constant().stringValue()));
            }
            case "value", "orValue", "or", "dyn", "optional.of" -> {
                return given.size() == 1 ? first : first.or(given.get(1).extent());
            }
            default -> {}
        }
        CelType type = tree.getType(part.id()).orElse(null);
        CelKind kind = type == null ? CelKind.DYN : type.kind();
        return switch (kind) {
            case STRING, BYTES, LIST, MAP, DYN -> {
                long size = 0;
                for (Estimate one : given) {
                    size = plus(size, one.extent().size());
                }
                yield new Extent(size, kind == CelKind.LIST ? schema : null);
            }
            default -> Extent.ONE;
        };
    }

    private Estimate loop(CelExpr.CelComprehension loop) {
        Estimate range = part(loop.iterRange());
        Estimate start = part(loop.accuInit());
        Schema schema = range.extent().schema();
        Extent element = Extent.ONE;
        Extent key = Extent.ONE;
        if (schema != null && schema.items() != null) {
            element = Extent.of(schema.items());
        } else if (schema != null && schema.additionalProperties() != null) {
            element = Extent.of(schema.additionalProperties());
            key = new Extent(SizeBound.of(schema), null);
        }
        boolean map = schema != null && schema.additionalProperties() != null;
        Map<String, Extent> hidden = new HashMap<>();
        boolean two = !loop.iterVar2().isEmpty();
        hide(hidden, loop.iterVar(), two || map ? key : element);
        if (two) {
            hide(hidden, loop.iterVar2(), element);
        }
        hide(hidden, loop.accuVar(), start.extent());
        long step =
                plus(part(loop.loopCondition()).cost(), part(loop.loopStep()).cost());
        // What a loop gathers is as large as what it goes through; one that goes through nothing gives a value a name.
        scope.put(loop.accuVar(), isEmptyList(loop.iterRange()) ? start.extent() : range.extent());
        Estimate result = part(loop.result());
        hidden.forEach((name, before) -> {
            if (before.equals(ABSENT)) {
                scope.remove(name);
            } else {
                scope.put(name, before);
            }
        });
        long cost =
                plus(plus(range.cost(), start.cost()), plus(times(range.extent().size(), step), result.cost()));
        boolean gathers = loop.accuInit().exprKind().getKind() == CelExpr.ExprKind.Kind.LIST
                || loop.accuInit().exprKind().getKind() == CelExpr.ExprKind.Kind.MAP;
        return new Estimate(cost, gathers ? new Extent(range.extent().size(), schema) : Extent.ONE);
    }

    private static boolean isEmptyList(CelExpr range) {
        return range.exprKind().getKind() == CelExpr.ExprKind.Kind.LIST
                && range.list().elements().isEmpty();
    }

    private static final Extent ABSENT = new Extent(-1, null);

    private void hide(Map<String, Extent> hidden, String name, Extent extent) {
        hidden.putIfAbsent(name, scope.getOrDefault(name, ABSENT));
        scope.put(name, extent);
    }

    private static long plus(long one, long other) {
        long sum = one + other;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    /** The product, or the largest long. */
    static long times(long one, long other) {
        long high = Math.multiplyHigh(one, other);
        long low = one * other;
        return high != 0 || low < 0 ? Long.MAX_VALUE : low;
    }
}
