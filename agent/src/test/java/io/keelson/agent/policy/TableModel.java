package io.keelson.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.policy.TableChanges.TableChain;
import io.keelson.controllers.objects.IpAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** A table as a kernel has it, which takes changes only if they can be made, and lets packets pass or not. */
final class TableModel {
    private final Map<String, Map<String, String>> sets = new HashMap<>();
    private final Map<String, TableChain> chains = new HashMap<>();

    /** Makes changes, as the kernel would, which refuses what is not right. */
    void apply(TableChanges changes) {
        changes.newSets()
                .forEach((name, set) -> assertNull(sets.put(name, new HashMap<>(set.elements())), "made twice"));
        changes.removed().forEach((name, keys) -> {
            Map<String, String> set = Objects.requireNonNull(sets.get(name));
            keys.forEach(key -> assertNotNull(set.remove(key), () -> key + " was not in " + name));
        });
        changes.chains().forEach((name, chain) -> {
            boolean isNew = chains.put(name, chain) == null;
            assertEquals(isNew, changes.newChains().contains(name), name);
        });
        changes.added().forEach((name, elements) -> {
            Map<String, String> set = Objects.requireNonNull(sets.get(name));
            elements.forEach((key, value) -> assertNull(set.put(key, value), () -> key + " is in " + name));
        });
        changes.removedChains().forEach(name -> assertNotNull(chains.remove(name), name));
        changes.removedSets().forEach(name -> assertNotNull(sets.remove(name), name));
        assertTrue(chains.keySet().containsAll(chainsSpokenOf()), "a rule leads to a chain that is gone");
        assertTrue(sets.keySet().containsAll(setsSpokenOf()), "a rule speaks of a set that is gone");
    }

    private Set<String> chainsSpokenOf() {
        Set<String> spokenOf = new HashSet<>();
        for (Map<String, String> set : sets.values()) {
            set.values().stream().filter(chain -> !chain.isEmpty()).forEach(spokenOf::add);
        }
        for (TableChain chain : chains.values()) {
            for (RuleLine line : chain.lines()) {
                if (line.outcome() instanceof RuleLine.Outcome.Ask(String other)) {
                    spokenOf.add(other);
                }
            }
        }
        return spokenOf;
    }

    private Set<String> setsSpokenOf() {
        Set<String> spokenOf = new HashSet<>();
        for (TableChain chain : chains.values()) {
            for (RuleLine line : chain.lines()) {
                for (Condition condition : line.conditions()) {
                    switch (condition) {
                        case Condition.InSet(boolean _, String set) -> spokenOf.add(set);
                        case Condition.AtNamedPort(boolean _, Protocol _, String set) -> spokenOf.add(set);
                        default -> {
                            // Speaks of none.
                        }
                    }
                }
            }
        }
        return spokenOf;
    }

    /** Is the same as what was made of all at once, with nothing left over. */
    void assertSame(TableContent content) {
        Map<String, Map<String, String>> expected = new HashMap<>();
        content.sets().forEach((name, set) -> expected.put(name, set.elements()));
        assertEquals(expected, sets);
        assertEquals(content.chains(), chains);
        Set<String> spokenOf = new HashSet<>();
        // Of one family it is enough.
        setsSpokenOf().forEach(name -> spokenOf.add(name.replaceFirst("[46]", "")));
        for (String name : sets.keySet()) {
            assertTrue(
                    !name.matches("(pods|ports).*") || spokenOf.contains(name.replaceFirst("[46]", "")),
                    () -> "nothing speaks of " + name);
        }
    }

    /** Whether a packet passes. */
    boolean passes(Packet packet) {
        char family = packet.source().isV6() ? '6' : '4';
        if (has("self" + family, packet.source() + " . " + packet.destination())) {
            return true;
        }
        return passes(Direction.EGRESS, packet.source(), packet)
                && passes(Direction.INGRESS, packet.destination(), packet);
    }

    private boolean has(String set, String key) {
        return Objects.requireNonNull(sets.get(set), set).containsKey(key);
    }

    private boolean passes(Direction direction, IpAddress isolated, Packet packet) {
        String map = direction.label() + (isolated.isV6() ? '6' : '4');
        String chain = Objects.requireNonNull(sets.get(map)).get(isolated.toString());
        return chain == null || walk(direction, chain, packet).orElse(true);
    }

    private Optional<Boolean> walk(Direction direction, String name, Packet packet) {
        List<RuleLine> lines = Objects.requireNonNull(chains.get(name), name).lines();
        for (RuleLine line : lines) {
            if (line.conditions().stream().allMatch(condition -> isSo(direction, condition, packet))) {
                Optional<Boolean> verdict = switch (line.outcome()) {
                    case RuleLine.Outcome.Accept() -> Optional.of(true);
                    case RuleLine.Outcome.Drop() -> Optional.of(false);
                    case RuleLine.Outcome.Ask(String other) -> walk(direction, other, packet);
                };
                if (verdict.isPresent()) {
                    return verdict;
                }
            }
        }
        return Optional.empty();
    }

    private boolean isSo(Direction direction, Condition condition, Packet packet) {
        IpAddress peer = direction == Direction.INGRESS ? packet.source() : packet.destination();
        return switch (condition) {
            case Condition.InSet(boolean isV6, String set) -> peer.isV6() == isV6 && has(set, peer.toString());
            case Condition.InSpans(boolean isV6, List<AddressSpan> spans) ->
                peer.isV6() == isV6 && spans.stream().anyMatch(span -> span.contains(peer));
            case Condition.AtPorts(Protocol protocol, List<PortRange> ports) ->
                protocol == packet.protocol() && ports.stream().anyMatch(range -> range.contains(packet.port()));
            case Condition.OfProtocol(Protocol protocol) -> protocol == packet.protocol();
            case Condition.AtNamedPort(boolean isV6, Protocol protocol, String set) ->
                peer.isV6() == isV6
                        && protocol == packet.protocol()
                        && has(set, packet.destination() + " . " + packet.port());
        };
    }
}
