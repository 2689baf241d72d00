package io.keelson.agent.policy;

import io.keelson.controllers.runtime.Key;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A policy, as far as it can be understood.
 *
 * @param pods whom of its namespace it isolates
 * @param rules what it allows, for each direction that it isolates pods in; no rules allow nothing
 */
record Policy(Key key, Predicate<Map<String, String>> pods, Map<Direction, List<PolicyRule>> rules) {
    /** Whether it isolates pods in a direction. */
    boolean isolates(Direction direction) {
        return rules.containsKey(direction);
    }

    /** What it allows in a direction. */
    List<PolicyRule> rules(Direction direction) {
        return rules.getOrDefault(direction, List.of()).stream()
                .filter(rule -> !rule.isVoid())
                .toList();
    }

    /** The pods that rules of a direction speak of. */
    Set<PodPeer> peers(Direction direction) {
        Set<PodPeer> peers = new LinkedHashSet<>();
        rules(direction).forEach(rule -> peers.addAll(rule.peers()));
        return peers;
    }

    /** The names of ports that rules of a direction speak of. */
    Set<NamedPort> portNames(Direction direction) {
        Set<NamedPort> names = new LinkedHashSet<>();
        rules(direction).forEach(rule -> rule.ports().values().forEach(ports -> names.addAll(ports.names())));
        return names;
    }
}
