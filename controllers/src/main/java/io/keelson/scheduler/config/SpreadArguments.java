package io.keelson.scheduler.config;

import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.keelson.controllers.objects.OrEmpty;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * {@code PodTopologySpreadArgs}: how pods spread that do not say it themselves.
 *
 * @param defaultConstraints without selectors; only with {@code List}
 * @param defaultingType {@code System} or {@code List}
 */
public record SpreadArguments(List<TopologySpreadConstraint> defaultConstraints, String defaultingType)
        implements PluginArguments.Form {
    private static final Set<String> TYPES = Set.of("System", "List");
    private static final Set<String> ACTIONS = Set.of("DoNotSchedule", "ScheduleAnyway");
    private static final Set<String> POLICIES = Set.of("Honor", "Ignore");

    /** What counts if nothing is said. */
    public static final SpreadArguments DEFAULT = new SpreadArguments(List.of(), "System");

    public SpreadArguments {
        defaultConstraints = SchedulerConfiguration.copy(defaultConstraints);
        defaultingType = SchedulerConfiguration.or(defaultingType, "System");
    }

    @Override
    public void check(String path) {
        if (!TYPES.contains(defaultingType)) {
            throw Refused.unsupported(path + ".defaultingType", defaultingType, TYPES);
        }
        if (defaultingType.equals("System") && !defaultConstraints.isEmpty()) {
            throw Refused.invalid(path + ".defaultingType", defaultingType, "when .defaultConstraints are not empty");
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < defaultConstraints.size(); i++) {
            constraint(path + ".defaultConstraints[" + i + ']', defaultConstraints.get(i), seen);
        }
    }

    private static void constraint(String path, TopologySpreadConstraint constraint, Set<String> seen) {
        NodeAffinityArguments.known(path, constraint.getAdditionalProperties());
        if (OrEmpty.of(constraint.getMaxSkew()) <= 0) {
            throw Refused.invalid(
                    path + ".maxSkew", OrEmpty.of(constraint.getMaxSkew()), "not in valid range (0, inf)");
        }
        String key = OrEmpty.of(constraint.getTopologyKey());
        if (key.isEmpty()) {
            throw Refused.required(path + ".topologyKey", "can not be empty");
        }
        if (!Names.isQualified(key)) {
            throw Refused.invalid(path + ".topologyKey", key, "is no qualified name");
        }
        String action = OrEmpty.of(constraint.getWhenUnsatisfiable());
        if (action.isEmpty()) {
            throw Refused.required(path + ".whenUnsatisfiable", "can not be empty");
        }
        if (!ACTIONS.contains(action)) {
            throw Refused.unsupported(path + ".whenUnsatisfiable", action, ACTIONS);
        }
        if (constraint.getLabelSelector() != null) {
            throw Refused.forbidden(
                    path + ".labelSelector", "constraint must not define a selector, as they deduced for each pod");
        }
        policy(path + ".nodeAffinityPolicy", OrEmpty.of(constraint.getNodeAffinityPolicy()));
        policy(path + ".nodeTaintsPolicy", OrEmpty.of(constraint.getNodeTaintsPolicy()));
        if (!seen.add(key + ' ' + action)) {
            throw Refused.duplicate(path, "{" + key + ", " + action + "}");
        }
    }

    private static void policy(String path, String policy) {
        if (!policy.isEmpty() && !POLICIES.contains(policy)) {
            throw Refused.unsupported(path, policy, POLICIES);
        }
    }
}
