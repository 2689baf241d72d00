package io.keelson.agent.policy;

import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.runtime.Key;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The pods of the cluster, and who of them has which address. One thread at a time. */
final class KnownPods {
    private final Map<Key, PolicyPod> pods = new HashMap<>();
    private final Map<String, Map<Key, PolicyPod>> byNamespace = new HashMap<>();
    private final Map<IpAddress, TreeSet<PolicyPod>> claims = new HashMap<>();

    /**
     * A pod is there now, or another than it was.
     *
     * @return addresses that may have another owner, or one with other properties
     */
    Set<IpAddress> put(PolicyPod pod) {
        PolicyPod before = pods.get(pod.key());
        if (pod.equals(before)) {
            return Set.of();
        }
        Set<IpAddress> concerned = new LinkedHashSet<>(remove(pod.key()));
        pods.put(pod.key(), pod);
        byNamespace.computeIfAbsent(pod.key().namespace(), _ -> new HashMap<>()).put(pod.key(), pod);
        for (IpAddress address : pod.addresses()) {
            claims.computeIfAbsent(address, _ -> new TreeSet<>(PolicyPod.BY_CLAIM))
                    .add(pod);
            concerned.add(address);
        }
        return concerned;
    }

    /** A pod is not there any more; returns addresses that may have another owner, or none. */
    Collection<IpAddress> remove(Key key) {
        PolicyPod pod = pods.remove(key);
        if (pod == null) {
            return List.of();
        }
        Map<Key, PolicyPod> neighbours = byNamespace.get(key.namespace());
        if (neighbours != null) {
            neighbours.remove(key);
            if (neighbours.isEmpty()) {
                byNamespace.remove(key.namespace());
            }
        }
        for (IpAddress address : pod.addresses()) {
            TreeSet<PolicyPod> all = claims.get(address);
            if (all != null) {
                all.remove(pod);
                if (all.isEmpty()) {
                    claims.remove(address);
                }
            }
        }
        return pod.addresses();
    }

    /** Whose address it is; null if nobody's. */
    @Nullable
    PolicyPod owner(IpAddress address) {
        TreeSet<PolicyPod> all = claims.get(address);
        return all == null ? null : all.last();
    }

    /** All pods. */
    Collection<PolicyPod> all() {
        return pods.values();
    }

    /** The pods of a namespace. */
    Collection<PolicyPod> in(String namespace) {
        return byNamespace.getOrDefault(namespace, Map.of()).values();
    }
}
