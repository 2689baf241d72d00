package io.keelson.controllers.job;

import io.fabric8.kubernetes.api.model.batch.v1.SuccessPolicy;
import io.fabric8.kubernetes.api.model.batch.v1.SuccessPolicyRule;
import io.keelson.controllers.objects.OrEmpty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** When some indexes that succeeded are enough: {@code successPolicy}. */
final class SuccessRules {
    private SuccessRules() {}

    /** Which rule the indexes meet, in words; null if none. */
    static @Nullable String met(@Nullable SuccessPolicy policy, int completions, IndexRanges succeeded) {
        if (policy == null || succeeded.ranges().isEmpty()) {
            return null;
        }
        List<SuccessPolicyRule> rules = OrEmpty.of(policy.getRules());
        for (int i = 0; i < rules.size(); i++) {
            if (meets(rules.get(i), completions, succeeded)) {
                return "Matched rules at index " + i;
            }
        }
        return null;
    }

    private static boolean meets(SuccessPolicyRule rule, int completions, IndexRanges succeeded) {
        Integer count = rule.getSucceededCount();
        if (rule.getSucceededIndexes() == null) {
            return count != null && succeeded.total() >= count;
        }
        IndexRanges asked = IndexRanges.parse(rule.getSucceededIndexes(), completions);
        int common = asked.common(succeeded);
        return common >= (count == null ? asked.total() : count);
    }
}
