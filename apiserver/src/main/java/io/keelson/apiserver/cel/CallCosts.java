package io.keelson.apiserver.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelExpr;
import io.keelson.apiserver.cel.functions.Cost;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of one expression cost when they run, found out once when it is compiled: a fixed cost for each part, and
 * for calls a cost out of their arguments, counted with the last of these. Parts are known by their ids, which are small.
 */
final class CallCosts {
    private static final int LIST = 10;
    private static final int MAP = 30;
    private static final int STRUCT = 40;

    /** Operators that choose which of their sides run: they cost nothing themselves. */
    private static final Set<String> LOGICAL = Set.of("_&&_", "_||_", "_?_:_");

    /** A call whose cost follows from the values of its arguments. */
    record Call(int[] arguments, List<Cost> costs) {
        long cost(Object[] values) {
            Object[] given = new Object[arguments.length];
            for (int i = 0; i < given.length; i++) {
                Object value = values[arguments[i]];
                given[i] = value == null ? "" : value;
            }
            long most = 0;
            for (Cost cost : costs) {
                most = Math.max(most, cost.of(given));
            }
            return most;
        }
    }

    /** Calls that do without an argument that fails. */
    private static final Set<String> TOLERANT = Set.of("@not_strictly_false", "or", "orValue");

    private final long[] own;
    private final int[] follower;
    private final @Nullable Call[] completed;

    private CallCosts(int size) {
        own = new long[size];
        follower = new int[size];
        completed = new Call[size];
    }

    /** @param costs of functions by the id of their overload; what is not among them costs one */
    static CallCosts of(CelAbstractSyntaxTree tree, Map<String, Cost> costs) {
        List<CelExpr> parts = new ArrayList<>();
        ExpressionParts.walk(tree.getExpr(), parts::add);
        long last = 0;
        for (CelExpr part : parts) {
            last = Math.max(last, part.id());
        }
        CallCosts all = new CallCosts(Math.toIntExact(last + 1));
        parts.forEach(part -> all.add(part, tree, costs));
        return all;
    }

    private void add(CelExpr part, CelAbstractSyntaxTree tree, Map<String, Cost> costs) {
        int id = (int) part.id();
        switch (part.exprKind().getKind()) {
            case IDENT -> own[id] = 1;
            case SELECT -> {
                own[id] = part.select().testOnly() ? 0 : 1;
                follower[(int) part.select().operand().id()] = id;
            }
            case LIST -> {
                own[id] = LIST;
                if (!part.list().elements().isEmpty()) {
                    follower[(int) part.list().elements().getLast().id()] = id;
                }
            }
            case MAP -> own[id] = MAP;
            case STRUCT -> own[id] = STRUCT;
            case CALL -> call(part, tree, costs);
            case CONSTANT, COMPREHENSION, NOT_SET -> own[id] = 0;
        }
    }

    private void call(CelExpr part, CelAbstractSyntaxTree tree, Map<String, Cost> costs) {
        if (LOGICAL.contains(part.call().function())) {
            return;
        }
        List<CelExpr> arguments = new ArrayList<>();
        part.call().target().ifPresent(arguments::add);
        arguments.addAll(part.call().args());
        if (!arguments.isEmpty() && !TOLERANT.contains(part.call().function())) {
            follower[(int) arguments.getLast().id()] = (int) part.id();
        }
        List<Cost> candidates = tree.getReference(part.id()).stream()
                .flatMap(reference -> reference.overloadIds().stream())
                .filter(costs::containsKey)
                .map(costs::get)
                .toList();
        if (candidates.isEmpty() || arguments.isEmpty()) {
            own[(int) part.id()] = 1;
            return;
        }
        int[] ids = arguments.stream().mapToInt(argument -> (int) argument.id()).toArray();
        completed[ids[ids.length - 1]] = new Call(ids, candidates);
    }

    /** Ids are smaller than this. */
    int size() {
        return own.length;
    }

    long own(int id) {
        return own[id];
    }

    /** The part that is evaluated right after this one, unless it fails; 0 if that is not certain. */
    int follower(int id) {
        return follower[id];
    }

    /** The call whose last argument a part is; null if there is none. */
    @Nullable
    Call completedBy(int id) {
        return completed[id];
    }
}
