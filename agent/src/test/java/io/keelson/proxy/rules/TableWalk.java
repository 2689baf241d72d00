package io.keelson.proxy.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.objects.IpAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Leads a packet through the elements of a table, as the kernel's rules do. */
final class TableWalk {
    private final Map<ElementKey, ElementValue> elements;
    private final Map<String, ChoiceChain> chains = new HashMap<>();
    private final Family family;

    TableWalk(Map<ElementKey, ElementValue> elements, Set<ChoiceChain> choices, Family family) {
        this.elements = elements;
        choices.forEach(chain -> chains.put(chain.label(), chain));
        this.family = family;
    }

    private static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    private String chain(ElementKey key) {
        ElementValue value = elements.get(key);
        return value == null ? "" : value.chain();
    }

    Verdict verdict(Packet packet) {
        Frontend frontend = new Frontend(address(packet.destination()), packet.transport(), packet.port());
        Octets octets = Elements.of(frontend);
        boolean isNode = elements.containsKey(Elements.nodeAddress(address(packet.destination())));
        if (chain(Elements.frontend(frontend, octets)).isEmpty() && isNode) {
            frontend = new Frontend(null, packet.transport(), packet.port());
        }
        if (elements.containsKey(Elements.restricted(octets))
                && !isAllowed(octets, Octets.of(address(packet.source())))) {
            return Verdict.of(Verdict.What.DROPPED);
        }
        boolean isHere = packet.from() != Packet.From.OUTSIDE;
        ChoiceChain chain = chains.get(chain(Elements.frontend(frontend, Elements.of(frontend))));
        Verdict led = !(chain instanceof ChoiceChain.Entry entry)
                ? null
                : switch (entry.treatment()) {
                    case INTERNAL -> led(frontend, entry.cluster(), packet.from() != Packet.From.POD);
                    case INTERNAL_LOCAL -> led(frontend, entry.local(), packet.from() != Packet.From.POD);
                    case EXTERNAL -> led(frontend, entry.cluster(), true);
                    case EXTERNAL_LOCAL ->
                        led(frontend, isHere ? entry.cluster() : entry.local(), packet.from() == Packet.From.NODE);
                };
        if (led != null) {
            return led;
        }
        return switch (chain(Elements.denial(frontend, Elements.of(frontend)))) {
            case "refused" -> Verdict.of(Verdict.What.REFUSED);
            case "dropped" -> Verdict.of(Verdict.What.DROPPED);
            default -> {
                boolean isClusterIp = elements.containsKey(Elements.clusterIp(address(packet.destination())));
                yield Verdict.of(isClusterIp ? Verdict.What.REFUSED : Verdict.What.PASSED);
            }
        };
    }

    private boolean isAllowed(Octets frontend, Octets source) {
        Octets wanted = frontend.then(source);
        return elements.keySet().stream()
                .filter(key -> key.set() == TableSet.SOURCES)
                .map(ElementKey::key)
                .anyMatch(range -> range.slice(0, wanted.length()).compareTo(wanted) <= 0
                        && range.slice(wanted.length(), range.length()).compareTo(wanted) >= 0
                        && range.slice(0, frontend.length()).equals(frontend));
    }

    private @Nullable Verdict led(Frontend frontend, ChoiceChain.@Nullable Choice choice, boolean isMasqueraded) {
        if (choice == null) {
            return null;
        }
        assertTrue(chains.containsValue(choice));
        Octets octets = Elements.of(frontend);
        boolean isLocal = switch (choice) {
            case ChoiceChain.Any any -> any.isLocal();
            case ChoiceChain.Kept kept -> kept.isLocal();
        };
        Set<String> destinations = new TreeSet<>();
        int count = 0;
        while (elements.containsKey(Elements.endpoint(frontend, octets, isLocal, count))) {
            ElementKey key = Elements.endpoint(frontend, octets, isLocal, count++);
            destinations.add(text(Objects.requireNonNull(elements.get(key)).data()));
        }
        switch (choice) {
            // What is drawn leads somewhere in more than half of all times, and in the first half in all.
            case ChoiceChain.Any any -> assertTrue(count <= any.below() && count * 2 > any.below());
            case ChoiceChain.Kept kept -> assertEquals(count, kept.ids().size());
        }
        // Each index leads elsewhere, so that all have the same probability.
        assertEquals(count, destinations.size());
        if (choice instanceof ChoiceChain.Kept kept) {
            Set<String> keptDestinations = new TreeSet<>();
            kept.ids()
                    .forEach(id -> keptDestinations.add(
                            text(Objects.requireNonNull(elements.get(Elements.kept(frontend.transport(), id)))
                                    .data())));
            assertEquals(destinations, keptDestinations);
        }
        return new Verdict(Verdict.What.LED, destinations, isMasqueraded);
    }

    private String text(Octets destination) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < family.addressBytes(); i++) {
            text.append(i == 0 ? "" : ".").append(destination.at(i));
        }
        int at = family.addressBytes();
        return text.append(':')
                .append(destination.at(at) << 8 | destination.at(at + 1))
                .toString();
    }
}
