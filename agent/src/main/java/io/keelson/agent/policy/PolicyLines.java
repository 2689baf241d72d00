package io.keelson.agent.policy;

import io.keelson.agent.policy.PolicyRule.Ports;
import java.util.ArrayList;
import java.util.List;

/** What a policy allows, as rules of a chain. */
final class PolicyLines {
    private final List<RuleLine> lines = new ArrayList<>();

    private PolicyLines() {}

    /** The rules of the chain of a policy. */
    static List<RuleLine> of(Policy policy, Direction direction) {
        PolicyLines lines = new PolicyLines();
        policy.rules(direction).forEach(lines::add);
        return List.copyOf(lines.lines);
    }

    private void add(PolicyRule rule) {
        // Where there is nothing that only one family has, one rule is enough for both.
        boolean hasNames =
                rule.ports().values().stream().anyMatch(ports -> !ports.names().isEmpty());
        if (rule.isAnyPeer()) {
            numbered(List.of(), rule);
        }
        for (boolean isV6 : new boolean[] {false, true}) {
            List<List<Condition>> peers = peers(rule, isV6);
            peers.forEach(peer -> numbered(peer, rule));
            if (hasNames) {
                List<List<Condition>> anyOf = rule.isAnyPeer() ? List.of(List.of()) : peers;
                anyOf.forEach(peer -> named(peer, rule, isV6));
            }
        }
    }

    private static List<List<Condition>> peers(PolicyRule rule, boolean isV6) {
        List<List<Condition>> peers = new ArrayList<>();
        for (PodPeer peer : rule.peers()) {
            peers.add(List.of(new Condition.InSet(isV6, peer.set(isV6))));
        }
        List<AddressSpan> spans =
                rule.blocks().stream().filter(span -> span.isV6() == isV6).toList();
        if (!spans.isEmpty()) {
            peers.add(List.of(new Condition.InSpans(isV6, spans)));
        }
        return peers;
    }

    private void numbered(List<Condition> peer, PolicyRule rule) {
        if (rule.isAnyPort()) {
            allow(peer);
        }
        rule.ports().forEach((protocol, ports) -> {
            if (ports.isAll()) {
                allow(peer, new Condition.OfProtocol(protocol));
            } else if (!ports.numbers().isEmpty()) {
                allow(peer, new Condition.AtPorts(protocol, ports.numbers()));
            }
        });
    }

    private void named(List<Condition> peer, PolicyRule rule, boolean isV6) {
        for (Ports ports : rule.ports().values()) {
            for (NamedPort name : ports.names()) {
                allow(peer, new Condition.AtNamedPort(isV6, name.protocol(), TableNames.set(name, isV6)));
            }
        }
    }

    private void allow(List<Condition> peer, Condition... more) {
        List<Condition> conditions = new ArrayList<>(peer);
        conditions.addAll(List.of(more));
        lines.add(new RuleLine(List.copyOf(conditions), new RuleLine.Outcome.Accept()));
    }
}
