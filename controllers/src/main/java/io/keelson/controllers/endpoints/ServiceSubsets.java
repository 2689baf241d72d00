package io.keelson.controllers.endpoints;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.keelson.controllers.objects.EndpointPods;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The subsets of a Service: those that its pods make, their canonical form, and what is left of them if they are too many.
 *
 * <p>In canonical form each port is in one subset with all its addresses, ports with the same addresses share a subset, and
 * everything is sorted. An address that is ready for one reason and not for another, at the same port, is not.
 */
final class ServiceSubsets {
    /** The most addresses of an Endpoints object. */
    static final int CAPACITY = 1000;

    private static final Comparator<Subset.Port> PORTS = Comparator.comparing(Subset.Port::name)
            .thenComparingInt(Subset.Port::number)
            .thenComparing(Subset.Port::protocol)
            .thenComparing(Subset.Port::appProtocol, Comparator.nullsFirst(Comparator.naturalOrder()));
    private static final Subset.Port NONE = new Subset.Port("", -1, "", null);

    /** What makes two addresses one. */
    private record Place(String ip, String uid) {
        private static final Comparator<Place> ORDER =
                Comparator.comparing(Place::ip).thenComparing(Place::uid);

        private static Place of(Subset.Address address) {
            return new Place(
                    address.ip(),
                    address.target() == null ? "" : OrEmpty.of(address.target().uid()));
        }
    }

    private record Entry(Subset.Address address, boolean ready) {}

    private ServiceSubsets() {}

    /** The subsets that pods make, in canonical form. */
    static List<Subset> of(Service service, Collection<Pod> pods) {
        List<Subset> subsets = new ArrayList<>();
        boolean tolerant = EndpointPods.publishesNotReady(service);
        for (Pod pod : pods) {
            if (!EndpointPods.isEndpoint(pod, tolerant)) {
                continue;
            }
            String ip = address(service, pod);
            if (ip == null) {
                continue;
            }
            List<Subset.Port> ports = new ArrayList<>();
            for (ServicePort port : OrEmpty.of(service.getSpec().getPorts())) {
                Integer number = EndpointPods.port(pod, port);
                if (number != null) {
                    ports.add(new Subset.Port(
                            OrEmpty.of(port.getName()), number, EndpointPods.protocol(port), port.getAppProtocol()));
                }
            }
            boolean portless = OrEmpty.of(service.getSpec().getPorts()).isEmpty() && EndpointPods.isHeadless(service);
            if (ports.isEmpty() && !portless) {
                continue;
            }
            String node = Pods.node(pod);
            List<Subset.Address> addresses = List.of(new Subset.Address(
                    ip,
                    EndpointPods.hostname(pod, service),
                    node.isEmpty() ? null : node,
                    Subset.of(EndpointPods.reference(pod))));
            boolean ready = tolerant || Pods.isReady(pod);
            subsets.add(new Subset(ready ? addresses : List.of(), ready ? List.of() : addresses, ports));
        }
        return canonical(subsets);
    }

    /** The address of the family that a Service prefers; null if the pod has none of it. */
    private static @Nullable String address(Service service, Pod pod) {
        List<IpAddress> addresses = EndpointPods.addresses(pod);
        boolean any = OrEmpty.of(service.getSpec().getIpFamilies()).isEmpty() && EndpointPods.isHeadless(service);
        List<String> families = EndpointPods.families(service);
        return addresses.stream()
                .filter(address ->
                        any || (!families.isEmpty() && address.family().equals(families.getFirst())))
                .findFirst()
                .map(IpAddress::toString)
                .orElse(null);
    }

    /** The canonical form. */
    static List<Subset> canonical(Collection<Subset> subsets) {
        Map<Subset.Port, TreeMap<Place, Entry>> byPort = new TreeMap<>(PORTS);
        for (Subset subset : subsets) {
            for (Subset.Port port : subset.ports().isEmpty() ? List.of(NONE) : subset.ports()) {
                TreeMap<Place, Entry> entries = byPort.computeIfAbsent(port, ignored -> new TreeMap<>(Place.ORDER));
                subset.ready().forEach(address -> entries.putIfAbsent(Place.of(address), new Entry(address, true)));
                subset.notReady().forEach(address -> entries.put(Place.of(address), new Entry(address, false)));
            }
        }
        List<Subset> canonical = new ArrayList<>();
        TreeMap<Place, Entry> portless = byPort.remove(NONE);
        if (portless != null) {
            addTo(canonical, portless.values(), List.of());
        }
        Map<List<Entry>, List<Subset.Port>> byEntries = new HashMap<>();
        byPort.forEach((port, entries) -> byEntries
                .computeIfAbsent(List.copyOf(entries.values()), ignored -> new ArrayList<>())
                .add(port));
        byEntries.forEach((entries, ports) -> addTo(canonical, entries, ports));
        canonical.sort(Comparator.comparing(
                subset -> subset.ports().isEmpty() ? NONE : subset.ports().getFirst(), PORTS));
        return canonical;
    }

    private static void addTo(List<Subset> subsets, Collection<Entry> entries, List<Subset.Port> ports) {
        if (!entries.isEmpty()) {
            subsets.add(new Subset(addresses(entries, true), addresses(entries, false), ports));
        }
    }

    private static List<Subset.Address> addresses(Collection<Entry> entries, boolean ready) {
        return entries.stream()
                .filter(entry -> entry.ready() == ready)
                .map(Entry::address)
                .toList();
    }

    /** How many addresses subsets have. */
    static int size(List<Subset> subsets) {
        return subsets.stream().mapToInt(Subset::size).sum();
    }

    /**
     * Subsets with no more addresses than an object may have: those that are ready first, each subset in proportion, rounded
     * up as long as there is room.
     */
    static List<Subset> truncated(List<Subset> subsets) {
        if (size(subsets) <= CAPACITY) {
            return subsets;
        }
        int ready = subsets.stream().mapToInt(subset -> subset.ready().size()).sum();
        boolean onlyReady = ready > CAPACITY;
        int total = onlyReady ? ready : size(subsets) - ready;
        int room = onlyReady ? CAPACITY : CAPACITY - ready;
        int left = room;
        List<Subset> truncated = new ArrayList<>();
        for (Subset subset : subsets) {
            List<Subset.Address> cut = onlyReady ? subset.ready() : subset.notReady();
            int share = Math.min(left, Math.ceilDiv(cut.size() * room, total));
            List<Subset.Address> kept = cut.subList(0, Math.min(share, cut.size()));
            left -= kept.size();
            Subset smaller = onlyReady
                    ? new Subset(kept, List.of(), subset.ports())
                    : new Subset(subset.ready(), kept, subset.ports());
            if (smaller.size() > 0) {
                truncated.add(smaller);
            }
        }
        return truncated;
    }
}
