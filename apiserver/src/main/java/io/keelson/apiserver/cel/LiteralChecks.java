package io.keelson.apiserver.cel;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.Timestamps;
import io.keelson.apiserver.schema.Durations;
import java.util.ArrayList;
import java.util.List;

/** Finds texts in an expression that can only fail when it runs: regular expressions, spans and points of time. */
final class LiteralChecks {
    private LiteralChecks() {}

    /** @throws CelValidationException if there is one */
    static void check(CelAbstractSyntaxTree tree) throws CelValidationException {
        List<CelIssue> wrong = new ArrayList<>();
        ExpressionParts.walk(tree.getExpr(), part -> {
            if (part.exprKind().getKind() != CelExpr.ExprKind.Kind.CALL
                    || part.call().args().isEmpty()) {
                return;
            }
            CelExpr last = part.call().args().getLast();
            String function = part.call().function();
            if (isText(last) && !isFine(function, last.constant().stringValue())) {
                int offset = tree.getSource().getPositionsMap().getOrDefault(last.id(), 0);
                CelSourceLocation place =
                        tree.getSource().getOffsetLocation(offset).orElse(CelSourceLocation.of(1, 0));
                wrong.add(CelIssue.formatError(last.id(), place, "invalid " + function + " argument"));
            }
        });
        if (!wrong.isEmpty()) {
            throw new CelValidationException(tree.getSource(), wrong);
        }
    }

    private static boolean isText(CelExpr part) {
        return part.exprKind().getKind() == CelExpr.ExprKind.Kind.CONSTANT
                && part.constant().getKind() == CelConstant.Kind.STRING_VALUE;
    }

    private static boolean isFine(String function, String text) {
        try {
            switch (function) {
                case "matches" -> Pattern.compile(text);
                case "duration" -> Durations.parse(text);
                case "timestamp" -> Timestamps.parse(text);
                default -> {}
            }
            return true;
        } catch (PatternSyntaxException | MalformedException e) {
            return false;
        }
    }
}
