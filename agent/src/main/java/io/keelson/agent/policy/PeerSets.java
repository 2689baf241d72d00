package io.keelson.agent.policy;

import io.keelson.controllers.objects.IpAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The sets of addresses that chains speak of: one for pods that some policy selects, for each family, and one for ports of a
 * name. A set is there while somebody speaks of it. One thread at a time.
 */
final class PeerSets {
    private final KnownPods pods;
    private final Map<String, Map<String, String>> namespaces;
    private final TableContent content;
    private final Map<PodPeer, Spoken> peers = new HashMap<>();
    private final Map<NamedPort, Spoken> ports = new HashMap<>();
    /** What each address has put into the sets. */
    private final Map<IpAddress, Set<Element>> elements = new HashMap<>();

    private record Element(String set, String key) {}

    /** Something that chains speak of. */
    private static final class Spoken {
        private int users;
        /** The namespaces that are right. */
        private final Set<String> namespaces = new HashSet<>();
    }

    /** @param namespaces the labels of namespaces, by their names */
    PeerSets(KnownPods pods, Map<String, Map<String, String>> namespaces, TableContent content) {
        this.pods = pods;
        this.namespaces = namespaces;
        this.content = content;
    }

    private Map<String, String> labels(String namespace) {
        return namespaces.getOrDefault(namespace, Map.of());
    }

    /** A chain speaks of these from now on. */
    void acquire(Collection<PodPeer> spokenOf, Collection<NamedPort> named) {
        for (PodPeer peer : spokenOf) {
            Spoken spoken = peers.computeIfAbsent(peer, _ -> new Spoken());
            if (spoken.users++ == 0) {
                create(peer, spoken);
            }
        }
        for (NamedPort port : named) {
            Spoken spoken = ports.computeIfAbsent(port, _ -> new Spoken());
            if (spoken.users++ == 0) {
                create(port);
            }
        }
    }

    private void create(PodPeer peer, Spoken spoken) {
        for (boolean isV6 : new boolean[] {false, true}) {
            content.putSet(peer.set(isV6), TableSet.empty(TableSet.Kind.ADDRESSES, isV6, peer.label()));
        }
        Map<String, Boolean> right = new HashMap<>();
        for (PolicyPod pod : pods.all()) {
            String namespace = pod.key().namespace();
            if (right.computeIfAbsent(namespace, name -> peer.isOf(name, labels(name)))) {
                spoken.namespaces.add(namespace);
                for (IpAddress address : pod.addresses()) {
                    if (peer.selects(pod.labels()) && pod.equals(pods.owner(address))) {
                        add(address, peer.set(address.isV6()), address.toString());
                    }
                }
            }
        }
    }

    private void create(NamedPort port) {
        for (boolean isV6 : new boolean[] {false, true}) {
            content.putSet(
                    TableNames.set(port, isV6), TableSet.empty(TableSet.Kind.PORTS, isV6, "ports " + port.name()));
        }
        for (PolicyPod pod : pods.all()) {
            for (int number : pod.ports().getOrDefault(port, Set.of())) {
                for (IpAddress address : pod.addresses()) {
                    if (pod.equals(pods.owner(address))) {
                        add(address, TableNames.set(port, address.isV6()), key(address, number));
                    }
                }
            }
        }
    }

    private static String key(IpAddress address, int port) {
        return address + " . " + port;
    }

    private void add(IpAddress address, String set, String key) {
        if (elements.computeIfAbsent(address, _ -> new HashSet<>()).add(new Element(set, key))) {
            content.put(set, key, "");
        }
    }

    /** A chain speaks of these no more. */
    void release(Collection<PodPeer> spokenOf, Collection<NamedPort> named) {
        for (PodPeer peer : spokenOf) {
            if (isUnused(peers.get(peer))) {
                peers.remove(peer);
                drop(peer.set(false));
                drop(peer.set(true));
            }
        }
        for (NamedPort port : named) {
            if (isUnused(ports.get(port))) {
                ports.remove(port);
                drop(TableNames.set(port, false));
                drop(TableNames.set(port, true));
            }
        }
    }

    private static boolean isUnused(@Nullable Spoken spoken) {
        return spoken != null && --spoken.users == 0;
    }

    private void drop(String set) {
        for (String key : content.removeSet(set)) {
            IpAddress address = IpAddress.parse(key.split(" ", 2)[0]);
            Set<Element> of = address == null ? null : elements.get(address);
            if (of != null) {
                of.remove(new Element(set, key));
                if (of.isEmpty()) {
                    elements.remove(address);
                }
            }
        }
    }

    /** The owner of an address may be another, or have other properties. */
    void refresh(IpAddress address) {
        PolicyPod owner = pods.owner(address);
        Set<Element> wanted = owner == null ? Set.of() : wanted(address, owner);
        Set<Element> before = elements.getOrDefault(address, Set.of());
        for (Element element : before) {
            if (!wanted.contains(element)) {
                content.remove(element.set(), element.key());
            }
        }
        for (Element element : wanted) {
            if (!before.contains(element)) {
                content.put(element.set(), element.key(), "");
            }
        }
        if (wanted.isEmpty()) {
            elements.remove(address);
        } else {
            elements.put(address, wanted);
        }
    }

    private Set<Element> wanted(IpAddress address, PolicyPod owner) {
        Set<Element> wanted = new HashSet<>();
        String namespace = owner.key().namespace();
        peers.forEach((peer, spoken) -> {
            if (isOf(peer, spoken, namespace) && peer.selects(owner.labels())) {
                wanted.add(new Element(peer.set(address.isV6()), address.toString()));
            }
        });
        owner.ports().forEach((port, numbers) -> {
            if (ports.containsKey(port)) {
                for (int number : numbers) {
                    wanted.add(new Element(TableNames.set(port, address.isV6()), key(address, number)));
                }
            }
        });
        return wanted;
    }

    /** Of a namespace that had no pods so far it is not yet known. */
    private boolean isOf(PodPeer peer, Spoken spoken, String namespace) {
        if (!spoken.namespaces.contains(namespace) && peer.isOf(namespace, labels(namespace))) {
            spoken.namespaces.add(namespace);
        }
        return spoken.namespaces.contains(namespace);
    }

    /** A namespace has other labels. */
    void refreshNamespace(String namespace) {
        boolean isOther = false;
        for (Map.Entry<PodPeer, Spoken> peer : peers.entrySet()) {
            if (peer.getKey().selectsNamespaces()) {
                Set<String> right = peer.getValue().namespaces;
                isOther |= peer.getKey().isOf(namespace, labels(namespace))
                        ? right.add(namespace)
                        : right.remove(namespace);
            }
        }
        if (isOther) {
            for (PolicyPod pod : pods.in(namespace)) {
                pod.addresses().forEach(this::refresh);
            }
        }
    }
}
