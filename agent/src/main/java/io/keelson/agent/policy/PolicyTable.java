package io.keelson.agent.policy;

import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.runtime.Key;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes of policies, pods and namespaces what is to be in the table, and keeps it up with them: each change costs what it
 * changes. What comes out depends on what there is only, not on how it came to be. No input and output; one thread at a time.
 */
final class PolicyTable {
    private final Map<String, Map<String, String>> namespaces = new HashMap<>();
    private final KnownPods pods = new KnownPods();
    private final TableContent content = new TableContent();
    private final PeerSets sets = new PeerSets(pods, namespaces, content);
    private final PolicyChains chains = new PolicyChains(sets, content);
    private final Map<String, Map<Key, Known>> policies = new HashMap<>();
    private final Map<IpAddress, Map<Direction, String>> isolated = new HashMap<>();
    private int policyCount;

    private record Known(@Nullable NetworkPolicySpec spec, Policy policy) {}

    /** What is to be in the table. */
    TableContent content() {
        return content;
    }

    /** How many policies there are. */
    int policyCount() {
        return policyCount;
    }

    /** How many addresses of pods of this node are isolated in a direction. */
    int isolatedCount(Direction direction) {
        return Math.toIntExact(isolated.values().stream()
                .filter(groups -> groups.containsKey(direction))
                .count());
    }

    /** A namespace is there, with these labels. */
    void setNamespace(String name, Map<String, String> labels) {
        Map<String, String> before = namespaces.put(name, Map.copyOf(labels));
        if (!labels.equals(before)) {
            sets.refreshNamespace(name);
        }
    }

    /** A namespace is not there any more. */
    void removeNamespace(String name) {
        if (namespaces.remove(name) != null) {
            sets.refreshNamespace(name);
        }
    }

    /** A pod is there, or another than it was. */
    void setPod(PolicyPod pod) {
        refresh(pods.put(pod));
    }

    /** A pod is not there any more. */
    void removePod(Key key) {
        refresh(pods.remove(key));
    }

    private void refresh(Collection<IpAddress> addresses) {
        addresses.forEach(sets::refresh);
        addresses.forEach(this::isolate);
    }

    /**
     * A policy is there, or another than it was.
     *
     * @param complaints is told what in it is not understood
     */
    void setPolicy(NetworkPolicy policy, Consumer<String> complaints) {
        Key key = Key.of(policy);
        Map<Key, Known> neighbours =
                policies.computeIfAbsent(key.namespace(), _ -> new TreeMap<>(Comparator.comparing(Key::toString)));
        Known before = neighbours.get(key);
        if (before != null && Objects.equals(before.spec(), policy.getSpec())) {
            return;
        }
        Policy read = PolicyReader.read(policy, complaints);
        neighbours.put(key, new Known(policy.getSpec(), read));
        if (before == null) {
            policyCount++;
        } else {
            chains.changed(read);
        }
        isolateNamespace(key.namespace());
    }

    /** A policy is not there any more. */
    void removePolicy(Key key) {
        Map<Key, Known> neighbours = policies.get(key.namespace());
        if (neighbours != null && neighbours.remove(key) != null) {
            policyCount--;
            if (neighbours.isEmpty()) {
                policies.remove(key.namespace());
            }
            isolateNamespace(key.namespace());
        }
    }

    private void isolateNamespace(String namespace) {
        for (PolicyPod pod : pods.in(namespace)) {
            if (pod.isLocal()) {
                pod.addresses().forEach(this::isolate);
            }
        }
    }

    /** Leads an address to the chains of its policies. */
    private void isolate(IpAddress address) {
        PolicyPod owner = pods.owner(address);
        Map<Direction, String> before = isolated.getOrDefault(address, Map.of());
        Map<Direction, String> now = new EnumMap<>(Direction.class);
        if (owner != null && owner.isLocal()) {
            for (Direction direction : Direction.values()) {
                List<Policy> selecting = selecting(owner, direction);
                if (!selecting.isEmpty()) {
                    now.put(direction, chains.acquire(direction, selecting));
                }
            }
        }
        for (Direction direction : Direction.values()) {
            String map = TableNames.map(direction, address.isV6());
            String group = now.get(direction);
            if (group != null) {
                content.put(map, address.toString(), group);
            } else {
                content.remove(map, address.toString());
            }
        }
        String pair = address + " . " + address;
        if (now.isEmpty()) {
            content.remove(TableNames.self(address.isV6()), pair);
            isolated.remove(address);
        } else {
            content.put(TableNames.self(address.isV6()), pair, "");
            isolated.put(address, now);
        }
        before.forEach(chains::release);
    }

    private List<Policy> selecting(PolicyPod pod, Direction direction) {
        List<Policy> selecting = new ArrayList<>();
        for (Known known :
                policies.getOrDefault(pod.key().namespace(), Map.of()).values()) {
            if (known.policy().isolates(direction) && known.policy().pods().test(pod.labels())) {
                selecting.add(known.policy());
            }
        }
        return selecting;
    }
}
