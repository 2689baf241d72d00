package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.authz.PolicyRule;
import io.keelson.apiserver.object.LabelSelector;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which rules ClusterRoles collect from others: those with an {@code aggregationRule} have the rules of all roles that one
 * of its selectors chooses, selector by selector, and the roles of each in the order of their names; no rule twice. A role
 * does not collect from itself. What it collects from may itself be collected.
 */
final class AggregatedRoles {
    private static final Logger log = LoggerFactory.getLogger(AggregatedRoles.class);

    /**
     * How often all are looked at again because one that others collect from has changed. Chains are shorter than that; of a
     * longer one the rest follows once this much of it is written.
     */
    private static final int PASSES_MAX = 8;

    private AggregatedRoles() {}

    /** A role that collects. */
    private record Collector(String name, List<LabelSelector> selectors) {}

    /** Whether a role collects its rules from others. */
    static boolean collects(JsonNode role) {
        return role.path("aggregationRule").isObject();
    }

    /**
     * Those whose rules are not what they should be.
     *
     * @param roles all there are, by name
     * @return the rules that they are to have, by the names of the roles
     */
    static Map<String, List<PolicyRule>> changed(List<ObjectNode> roles) {
        Map<String, ObjectNode> byName = new LinkedHashMap<>();
        Map<String, List<PolicyRule>> rules = new LinkedHashMap<>();
        roles.stream()
                .sorted((a, b) -> ObjectMeta.name(a).compareTo(ObjectMeta.name(b)))
                .forEach(role -> {
                    byName.put(ObjectMeta.name(role), role);
                    rules.put(ObjectMeta.name(role), PolicyRule.rulesOf(role));
                });
        List<Collector> collectors = collectors(byName);
        Map<String, List<PolicyRule>> before = Map.copyOf(rules);
        Map<String, List<PolicyRule>> changed = new LinkedHashMap<>();
        boolean again = !collectors.isEmpty();
        for (int pass = 0; again && pass < PASSES_MAX; pass++) {
            again = false;
            for (Collector collector : collectors) {
                List<PolicyRule> collected = collect(collector, byName, rules);
                if (!collected.equals(rules.put(collector.name(), collected))) {
                    changed.put(collector.name(), collected);
                    again = true;
                }
            }
        }
        changed.entrySet().removeIf(one -> one.getValue().equals(before.get(one.getKey())));
        return changed;
    }

    private static List<Collector> collectors(Map<String, ObjectNode> roles) {
        List<Collector> collectors = new ArrayList<>();
        roles.forEach((name, role) -> {
            if (collects(role)) {
                try {
                    List<LabelSelector> selectors = new ArrayList<>();
                    for (JsonNode selector : role.path("aggregationRule").path("clusterRoleSelectors")) {
                        selectors.add(LabelSelector.of(selector));
                    }
                    collectors.add(new Collector(name, selectors));
                } catch (MalformedException e) {
                    log.info("the rules of ClusterRole \"{}\" stay as they are: {}", name, e.message());
                }
            }
        });
        return collectors;
    }

    private static List<PolicyRule> collect(
            Collector collector, Map<String, ObjectNode> roles, Map<String, List<PolicyRule>> rules) {
        Set<PolicyRule> collected = new LinkedHashSet<>();
        for (LabelSelector selector : collector.selectors()) {
            roles.forEach((name, role) -> {
                if (!name.equals(collector.name()) && selector.matches(ObjectMeta.labels(role))) {
                    collected.addAll(rules.getOrDefault(name, List.of()));
                }
            });
        }
        return List.copyOf(collected);
    }
}
