package io.keelson.controllers.devicetainteviction;

import io.fabric8.kubernetes.api.model.resource.v1.Device;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceRequestAllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceSlice;
import io.fabric8.kubernetes.api.model.resource.v1alpha3.DeviceTaintSelector;
import io.keelson.controllers.objects.DeviceTaintRule;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Devices by the names of driver, pool and device, as they stand in slices, in claims and in the selectors of rules. */
final class Devices {
    /** What finds each claim that has been allocated devices. */
    static final String ANY = "*";

    private Devices() {}

    /** The pool that a slice is a part of. */
    static String pool(ResourceSlice slice) {
        String pool = slice.getSpec().getPool() == null
                ? ""
                : OrEmpty.of(slice.getSpec().getPool().getName());
        return pool(OrEmpty.of(slice.getSpec().getDriver()), pool);
    }

    /** The pool that an allocated device is of. */
    static String pool(DeviceRequestAllocationResult device) {
        return pool(OrEmpty.of(device.getDriver()), OrEmpty.of(device.getPool()));
    }

    /** A name of a pool may have slashes in it, one of a driver has none. */
    private static String pool(String driver, String pool) {
        return driver + '/' + pool;
    }

    /** What a claim is found by: its devices, their pools, and the drivers of these. */
    static Set<String> of(ResourceClaim claim) {
        Set<String> names = new TreeSet<>();
        for (DeviceRequestAllocationResult device : ClaimEviction.devices(claim)) {
            names.add(ANY);
            names.add(OrEmpty.of(device.getDriver()));
            names.add(pool(device));
        }
        return names;
    }

    /** What finds at least the claims with devices that a selector selects; null if it selects none. */
    static @Nullable String broadly(@Nullable DeviceTaintSelector selector) {
        if (selector == null) {
            return null;
        }
        if (selector.getDriver() == null) {
            return ANY;
        }
        return selector.getPool() == null ? selector.getDriver() : pool(selector.getDriver(), selector.getPool());
    }

    /** Whether a rule means a device. */
    static boolean selects(DeviceTaintRule rule, String driver, String pool, String device) {
        return rule.selects(driver, pool, device);
    }

    /** Whether a rule means an allocated device. */
    static boolean selects(DeviceTaintRule rule, DeviceRequestAllocationResult device) {
        return selects(
                rule, OrEmpty.of(device.getDriver()), OrEmpty.of(device.getPool()), OrEmpty.of(device.getDevice()));
    }

    /** Those of a pool's slices that are of its last generation; the others are about to go. */
    static List<ResourceSlice> current(Collection<ResourceSlice> ofPool) {
        long last = ofPool.stream().mapToLong(Devices::generation).max().orElse(0);
        return ofPool.stream().filter(slice -> generation(slice) == last).toList();
    }

    private static long generation(ResourceSlice slice) {
        Long generation = slice.getSpec().getPool() == null
                ? null
                : slice.getSpec().getPool().getGeneration();
        return generation == null ? 0 : generation;
    }

    /** What the driver of a device says against whoever uses it. */
    static List<EvictingTaint> taints(Collection<ResourceSlice> ofPool, String device) {
        List<EvictingTaint> taints = new ArrayList<>();
        for (ResourceSlice slice : current(ofPool)) {
            devices(slice)
                    .filter(each -> device.equals(each.getName()))
                    .flatMap(each -> OrEmpty.of(each.getTaints()).stream())
                    .filter(taint -> EvictingTaint.NO_EXECUTE.equals(taint.getEffect()))
                    .forEach(taint -> taints.add(EvictingTaint.of(taint, slice)));
        }
        return taints;
    }

    /** The devices in a slice. */
    static Stream<Device> devices(ResourceSlice slice) {
        return OrEmpty.of(slice.getSpec().getDevices()).stream();
    }

    /** Whether a driver says of any device in a slice that whoever uses it has to leave. */
    static boolean evicts(ResourceSlice slice) {
        return devices(slice)
                .flatMap(device -> OrEmpty.of(device.getTaints()).stream())
                .anyMatch(taint -> EvictingTaint.NO_EXECUTE.equals(taint.getEffect()));
    }
}
