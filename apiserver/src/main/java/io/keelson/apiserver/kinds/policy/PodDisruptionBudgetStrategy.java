package io.keelson.apiserver.kinds.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.ObjectRules;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Place;
import java.util.List;

/** Budgets of disruption: how many pods of a kind may be taken away at once. */
public final class PodDisruptionBudgetStrategy extends SpecAndStatus {
    private static final List<String> COUNTS =
            List.of("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods");

    @Override
    public boolean updatesUnconditionally() {
        return false;
    }

    @Override
    protected void firstStatus(ObjectNode status) {
        COUNTS.forEach(count -> status.put(count, 0));
    }

    @Override
    public void validate(ObjectNode budget, FieldErrors errors) {
        Place spec = Place.of(budget, errors).at("spec");
        if (spec.at("minAvailable").present() && spec.at("maxUnavailable").present()) {
            spec.invalid("minAvailable and maxUnavailable cannot be both set");
        }
        for (String limit : List.of("minAvailable", "maxUnavailable")) {
            if (spec.at(limit).present()) {
                ObjectRules.numberOrPercent(spec.at(limit));
                ObjectRules.atMostHundredPercent(spec.at(limit));
            }
        }
        LabelValidation.selector(spec.at("selector"));
        spec.at("unhealthyPodEvictionPolicy").oneOfIfPresent("AlwaysAllow", "IfHealthyBudget");
    }

    @Override
    public void validateStatusUpdate(ObjectNode budget, ObjectNode old, FieldErrors errors) {
        Place status = Place.of(budget, errors).at("status");
        LabelValidation.conditions(status.at("conditions"));
        COUNTS.forEach(count -> status.at(count).notNegative());
    }
}
