package io.keelson.proxy.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.controllers.objects.IpAddress;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Leads a packet through the elements of a table, as the kernel's rules do. */
final class TableWalk {
    private final Map<ElementKey, ElementValue> elements;
    private final Family family;

    TableWalk(Map<ElementKey, ElementValue> elements, Family family) {
        this.elements = elements;
        this.family = family;
    }

    private static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    private @Nullable Octets at(TableSet set, Octets key) {
        ElementValue value = elements.get(new ElementKey(set, key));
        return value == null ? null : value.data();
    }

    Verdict verdict(Packet packet) {
        Frontend addressed = new Frontend(address(packet.destination()), packet.transport(), packet.port());
        Octets key = Elements.frontend(family, addressed).key();
        Octets found = at(TableSet.FRONTENDS, key);
        boolean isNode = elements.containsKey(Elements.nodeAddress(address(packet.destination())));
        if (found == null && isNode) {
            Frontend nodePort = new Frontend(null, packet.transport(), packet.port());
            found = at(TableSet.FRONTENDS, Elements.frontend(family, nodePort).key());
        }
        if (found == null) {
            boolean isClusterIp = elements.containsKey(Elements.clusterIp(address(packet.destination())));
            return Verdict.of(isClusterIp ? Verdict.What.REFUSED : Verdict.What.PASSED);
        }
        int flags = Elements.word(found);
        if ((flags & Elements.RESTRICTED) != 0 && !isAllowed(key, Octets.of(address(packet.source())))) {
            return Verdict.of(Verdict.What.DROPPED);
        }
        int serial = flags >>> Elements.SERIAL_SHIFT;
        boolean isHere = packet.from() != Packet.From.OUTSIDE;
        Verdict led = switch (flags & Elements.TREATMENT_MASK) {
            case 0 -> led(serial, Elements.CLUSTER, packet.from() != Packet.From.POD);
            case 1 -> led(serial, Elements.LOCAL, packet.from() != Packet.From.POD);
            case 2 -> led(serial, Elements.CLUSTER, true);
            default -> led(serial, isHere ? Elements.CLUSTER : Elements.LOCAL, packet.from() == Packet.From.NODE);
        };
        if (led != null) {
            return led;
        }
        return switch ((flags & Elements.DENIAL_MASK) >>> Elements.DENIAL_SHIFT) {
            case 0 -> Verdict.of(Verdict.What.PASSED);
            case 1 -> Verdict.of(Verdict.What.REFUSED);
            default -> Verdict.of(Verdict.What.DROPPED);
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

    private @Nullable Verdict led(int serial, int which, boolean isMasqueraded) {
        int group = Elements.group(serial, which);
        ElementValue chain = elements.get(Elements.group(group));
        if (chain == null) {
            return null;
        }
        ChoiceChain choice = ChoiceChain.parse(chain.chain()).orElseThrow();
        assertEquals(which == Elements.LOCAL, choice.isLocal());
        Set<String> destinations = new TreeSet<>();
        for (int i = 0; i < choice.count(); i++) {
            ElementValue endpoint = Objects.requireNonNull(elements.get(Elements.endpoint(group, i)));
            destinations.add(text(endpoint.data()));
        }
        // Each index leads elsewhere, so that all have the same probability.
        assertEquals(choice.count(), destinations.size());
        if (choice.affinitySeconds() > 0) {
            for (int i = 0; i < choice.count(); i++) {
                Octets endpoint = Objects.requireNonNull(elements.get(Elements.endpoint(group, i)))
                        .data();
                assertEquals(
                        ElementValue.NONE,
                        elements.get(new ElementKey(
                                TableSet.KEPT, Elements.word(group).then(endpoint))));
            }
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
