package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.resource.v1.Counter;
import io.fabric8.kubernetes.api.model.resource.v1.CounterSet;
import io.fabric8.kubernetes.api.model.resource.v1.Device;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceCounterConsumption;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceSlice;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceSliceSpec;
import io.keelson.controllers.objects.DeviceTaintRule;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.scheduler.devices.selectors.DecimalQuantity;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The devices of a pool: those of the slices of its newest generation, of which older ones are left-overs. While not all of
 * these slices are there, or what they say does not go together, nothing can be had of it.
 *
 * @param complete whether all slices of the newest generation are there
 * @param invalid what does not go together; null if all does
 * @param devices by name, in the order of the slices' names and then as published
 * @param counters what all devices together can consume, by set and name
 */
record DevicePool(
        PoolKey key,
        boolean complete,
        @Nullable String invalid,
        Map<String, PooledDevice> devices,
        Map<String, Map<String, BigDecimal>> counters) {

    /** Pools whose devices can be used at once come before those that have some to wait for. */
    static final Comparator<DevicePool> ORDER =
            Comparator.comparing(DevicePool::hasBindingConditions).thenComparing(DevicePool::key);

    /**
     * Reads all slices that there are of a pool, at least one.
     *
     * @param rules which taint devices of it
     */
    static DevicePool of(PoolKey key, Collection<ResourceSlice> slices, Collection<DeviceTaintRule> rules) {
        long newest = slices.stream().mapToLong(DevicePool::generation).max().orElseThrow();
        List<ResourceSlice> current = slices.stream()
                .filter(slice -> generation(slice) == newest)
                .sorted(Comparator.comparing(slice -> slice.getMetadata().getName()))
                .toList();
        boolean complete = current.stream().allMatch(slice -> expected(slice) == current.size());
        List<String> problems = new ArrayList<>();
        Map<String, PooledDevice> devices = new LinkedHashMap<>();
        Map<String, Map<String, BigDecimal>> counters = new HashMap<>();
        for (ResourceSlice slice : current) {
            ResourceSliceSpec spec = slice.getSpec();
            for (CounterSet set : OrEmpty.of(spec.getSharedCounters())) {
                if (counters.put(set.getName(), amounts(set.getCounters(), problems)) != null) {
                    problems.add("duplicate counter set name " + set.getName());
                }
            }
            for (Device device : OrEmpty.of(spec.getDevices())) {
                if (devices.put(device.getName(), new PooledDevice(key, spec, device, rules)) != null) {
                    problems.add("duplicate device name " + device.getName());
                }
            }
        }
        if (complete) {
            devices.values().forEach(device -> checkCounters(device.device(), counters, problems));
        }
        return new DevicePool(key, complete, problems.isEmpty() ? null : problems.getFirst(), devices, counters);
    }

    private static long generation(ResourceSlice slice) {
        Long generation = slice.getSpec().getPool().getGeneration();
        return generation == null ? 0 : generation;
    }

    private static long expected(ResourceSlice slice) {
        Long count = slice.getSpec().getPool().getResourceSliceCount();
        return count == null ? 0 : count;
    }

    private static void checkCounters(
            Device device, Map<String, Map<String, BigDecimal>> counters, List<String> problems) {
        for (DeviceCounterConsumption consumption : OrEmpty.of(device.getConsumesCounters())) {
            Map<String, BigDecimal> set = counters.get(consumption.getCounterSet());
            if (set == null) {
                problems.add("counter set " + consumption.getCounterSet() + " of device " + device.getName()
                        + " does not exist");
                continue;
            }
            amounts(consumption.getCounters(), problems).keySet().forEach(name -> {
                if (!set.containsKey(name)) {
                    problems.add("counter " + name + " of device " + device.getName()
                            + " does not exist in counter set " + consumption.getCounterSet());
                }
            });
        }
    }

    private static Map<String, BigDecimal> amounts(@Nullable Map<String, Counter> counters, List<String> problems) {
        Map<String, BigDecimal> amounts = new HashMap<>();
        OrEmpty.of(counters).forEach((name, counter) -> {
            try {
                amounts.put(name, DecimalQuantity.of(counter.getValue()).value());
            } catch (IllegalArgumentException e) {
                problems.add("counter " + name + ": " + e.getMessage());
            }
        });
        return amounts;
    }

    private boolean hasBindingConditions() {
        return devices.values().stream().anyMatch(PooledDevice::hasBindingConditions);
    }

    /** What a device consumes while it is in use, by set and name. The pool is complete and valid. */
    static Map<String, Map<String, BigDecimal>> consumption(Device device) {
        List<DeviceCounterConsumption> all = OrEmpty.of(device.getConsumesCounters());
        if (all.isEmpty()) {
            return Map.of();
        }
        Map<String, Map<String, BigDecimal>> consumption = new HashMap<>();
        for (DeviceCounterConsumption each : all) {
            Map<String, BigDecimal> set = consumption.computeIfAbsent(each.getCounterSet(), ignored -> new HashMap<>());
            amounts(each.getCounters(), new ArrayList<>())
                    .forEach((name, amount) -> set.merge(name, amount, BigDecimal::add));
        }
        return consumption;
    }

    /** Why nothing can be had of it; null if something can. */
    @Nullable
    String unusable() {
        if (!complete) {
            return "resource pool " + key + " is currently being updated";
        }
        return invalid == null ? null : "resource pool " + key + " is currently invalid: " + invalid;
    }
}
