package io.keelson.apiserver.kinds.scheduling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.validation.Place;
import java.util.ArrayList;
import java.util.List;

/** What groups of pods and their templates have in common. */
final class GroupRules {
    /** Fields of the alpha features TopologyAwareWorkloadScheduling, DRAWorkloadResourceClaims and WorkloadAwarePreemption. */
    private static final List<String> DISABLED =
            List.of("schedulingConstraints", "resourceClaims", "disruptionMode", "priorityClassName", "priority");

    private static final List<String> POLICIES = List.of("basic", "gang");

    private GroupRules() {}

    /**
     * Takes away what this server has not, unless the old one uses it.
     *
     * @param old of a group or template of before; nothing if there is none
     */
    static void dropDisabled(ObjectNode group, JsonNode old) {
        for (String field : DISABLED) {
            JsonNode before = old.path(field);
            if (before.isMissingNode() || before.isNull() || (before.isContainerNode() && before.isEmpty())) {
                group.remove(field);
            }
        }
    }

    /** How the pods of a group are scheduled: one way exactly. */
    static void policy(Place policy) {
        List<String> set = new ArrayList<>();
        for (String each : POLICIES) {
            if (policy.at(each).present()) {
                set.add('`' + each + '`');
            }
        }
        if (set.isEmpty()) {
            policy.invalid("", "must specify one of: `basic`, `gang`");
        } else if (set.size() > 1) {
            policy.invalid(
                    '{' + String.join(", ", set) + '}',
                    "exactly one of `basic`, `gang` is required, but multiple fields are set");
        }
        Place gang = policy.at("gang");
        if (gang.present()) {
            Place least = gang.at("minCount");
            if (least.empty()) {
                least.required("");
            } else if (least.number() < 1) {
                least.invalid("must be greater than or equal to 1");
            }
        }
    }
}
