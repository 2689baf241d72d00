package io.keelson.apiserver.kinds.devices;

import io.keelson.apiserver.cel.CelExpressionException;
import io.keelson.apiserver.cel.devices.DeviceExpressions;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;
import java.nio.charset.StandardCharsets;

/**
 * What is wrong with what selects devices: expressions that do not compile, or can cost too much. Stops compiling once more
 * is wrong than can be told anyway.
 */
final class SelectorRules {
    private static final int SELECTORS_MAX = 32;
    private static final int EXPRESSION_BYTES_MAX = 10 * 1_024;
    private static final long COST_MAX = 1_000_000;

    private SelectorRules() {}

    static void selectors(Place selectors) {
        for (Place selector : Bounded.items(selectors, SELECTORS_MAX)) {
            if (selector.at("cel").absent()) {
                selector.at("cel").required("");
            } else {
                expression(selector.at("cel", "expression"));
            }
        }
    }

    private static void expression(Place expression) {
        if (expression.errors().count() >= FieldErrors.ERRORS_MAX) {
            return;
        }
        if (expression.text().getBytes(StandardCharsets.UTF_8).length > EXPRESSION_BYTES_MAX) {
            expression.tooLong(EXPRESSION_BYTES_MAX);
            return;
        }
        try {
            if (DeviceExpressions.cost(DeviceExpressions.compile(expression.text())) > COST_MAX) {
                expression.forbidden("too complex, exceeds cost limit");
            }
        } catch (CelExpressionException e) {
            expression.invalid(expression.text(), String.valueOf(e.getMessage()));
        }
    }
}
