package io.keelson.apiserver.cel;

import dev.cel.common.ast.CelExpr;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** Walks through all parts of an expression. */
final class ExpressionParts {
    private ExpressionParts() {}

    /** Tells of every part, in no particular order. Needs no stack, however deep the expression is. */
    static void walk(CelExpr root, Consumer<CelExpr> found) {
        Deque<CelExpr> open = new ArrayDeque<>();
        open.push(root);
        while (!open.isEmpty()) {
            CelExpr part = open.pop();
            found.accept(part);
            switch (part.exprKind().getKind()) {
                case SELECT -> open.push(part.select().operand());
                case CALL -> {
                    part.call().target().ifPresent(open::push);
                    part.call().args().forEach(open::push);
                }
                case LIST -> part.list().elements().forEach(open::push);
                case MAP ->
                    part.map().entries().forEach(entry -> {
                        open.push(entry.key());
                        open.push(entry.value());
                    });
                case STRUCT -> part.struct().entries().forEach(entry -> open.push(entry.value()));
                case COMPREHENSION -> {
                    open.push(part.comprehension().iterRange());
                    open.push(part.comprehension().accuInit());
                    open.push(part.comprehension().loopCondition());
                    open.push(part.comprehension().loopStep());
                    open.push(part.comprehension().result());
                }
                case CONSTANT, IDENT, NOT_SET -> {}
            }
        }
    }
}
