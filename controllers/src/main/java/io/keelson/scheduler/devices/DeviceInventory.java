package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.resource.v1.Device;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceSlice;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceSliceSpec;
import io.keelson.controllers.objects.DeviceTaintRule;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.ResourceVersions;
import io.keelson.controllers.runtime.Change;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The pools of devices that drivers publish, found by the nodes that can use some of them. A pool is read when it is asked
 * for and has changed. Owned by the thread that owns the state.
 */
final class DeviceInventory {
    /** Stands for any node: the pool has devices that are not bound to one by its name. */
    private static final String ANY = "";

    private final Map<String, ResourceSlice> slices = new HashMap<>();
    private final Map<PoolKey, Map<String, ResourceSlice>> byPool = new HashMap<>();
    private final Map<PoolKey, DevicePool> read = new HashMap<>();
    /** By the name of a node, the pools with slices that name it, and how many these are. */
    private final Map<String, Map<PoolKey, Integer>> byNode = new HashMap<>();

    private final TaintRules rules = new TaintRules();

    private long version;

    /** A slice is new, another or gone; nothing happens if something newer is known. */
    void observe(Change<ResourceSlice> change) {
        String name = change.object().getMetadata().getName();
        ResourceSlice known = slices.get(name);
        ResourceSlice now = change.now();
        if (now != null && known != null && ResourceVersions.isOlder(now, known)) {
            return;
        }
        if (known != null) {
            remove(known);
        }
        if (now != null && now.getSpec() != null && now.getSpec().getPool() != null) {
            add(now);
        }
        version++;
    }

    /** A rule that taints devices is new, another or gone; nothing happens if something newer is known. */
    void observeRule(Change<DeviceTaintRule> change) {
        List<DeviceTaintRule> concerned = rules.observe(change);
        if (!concerned.isEmpty()) {
            read.keySet()
                    .removeIf(pool -> concerned.stream().anyMatch(rule -> rule.concerns(pool.driver(), pool.pool())));
            version++;
        }
    }

    private void add(ResourceSlice slice) {
        String name = slice.getMetadata().getName();
        PoolKey pool = pool(slice);
        slices.put(name, slice);
        byPool.computeIfAbsent(pool, ignored -> new LinkedHashMap<>()).put(name, slice);
        read.remove(pool);
        for (String node : nodes(slice)) {
            byNode.computeIfAbsent(node, ignored -> new HashMap<>()).merge(pool, 1, Integer::sum);
        }
    }

    private void remove(ResourceSlice slice) {
        String name = slice.getMetadata().getName();
        PoolKey pool = pool(slice);
        slices.remove(name);
        byPool.computeIfPresent(pool, (key, all) -> {
            all.remove(name);
            return all.isEmpty() ? null : all;
        });
        read.remove(pool);
        for (String node : nodes(slice)) {
            byNode.computeIfPresent(node, (key, pools) -> {
                pools.computeIfPresent(pool, (ignored, count) -> count > 1 ? count - 1 : null);
                return pools.isEmpty() ? null : pools;
            });
        }
    }

    private static PoolKey pool(ResourceSlice slice) {
        ResourceSliceSpec spec = slice.getSpec();
        return new PoolKey(
                OrEmpty.of(spec.getDriver()), OrEmpty.of(spec.getPool().getName()));
    }

    private static Set<String> nodes(ResourceSlice slice) {
        ResourceSliceSpec spec = slice.getSpec();
        if (!OrEmpty.of(spec.getPerDeviceNodeSelection())) {
            return Set.of(OrEmpty.of(spec.getNodeName()));
        }
        Set<String> nodes = new HashSet<>();
        for (Device device : OrEmpty.of(spec.getDevices())) {
            nodes.add(OrEmpty.of(device.getNodeName()));
        }
        return nodes;
    }

    /** The pools that may have devices for a node, in the order in which they are tried. */
    List<DevicePool> poolsFor(String node) {
        Set<PoolKey> keys = new HashSet<>(byNode.getOrDefault(ANY, Map.of()).keySet());
        keys.addAll(byNode.getOrDefault(node, Map.of()).keySet());
        List<DevicePool> pools = new ArrayList<>();
        for (PoolKey key : keys) {
            DevicePool pool = pool(key);
            if (pool != null) {
                pools.add(pool);
            }
        }
        pools.sort(DevicePool.ORDER);
        return pools;
    }

    private @Nullable DevicePool pool(PoolKey key) {
        Map<String, ResourceSlice> of = byPool.get(key);
        if (of == null) {
            return null;
        }
        Collection<ResourceSlice> all = of.values();
        return read.computeIfAbsent(key, ignored -> DevicePool.of(key, all, rules.of(key)));
    }

    /** Another number after each change. */
    long version() {
        return version;
    }
}
