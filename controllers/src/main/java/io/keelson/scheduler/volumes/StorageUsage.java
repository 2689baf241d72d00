package io.keelson.scheduler.volumes;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.keelson.controllers.objects.StorageClasses;
import io.keelson.controllers.objects.StorageSizes;
import io.keelson.scheduler.plugins.NodeResourcesFit;
import io.keelson.scheduler.plugins.NodeResourcesFit.Point;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How much of a node's storage a pod's claims would use, by class. Volumes that are there count before those to be made. */
record StorageUsage(Map<String, Used> byClass) {
    private static final BigDecimal ALL = new BigDecimal(100);

    /** In bytes. */
    record Used(BigDecimal requested, BigDecimal capacity) {
        Used plus(Used other) {
            return new Used(requested.add(other.requested), capacity.add(other.capacity));
        }

        long percent() {
            return capacity.signum() <= 0 || requested.compareTo(capacity) > 0
                    ? ALL.longValue()
                    : requested
                            .multiply(ALL)
                            .divide(capacity, 0, RoundingMode.DOWN)
                            .longValue();
        }
    }

    static StorageUsage of(NodeVolumes volumes) {
        Map<String, Used> byClass = new HashMap<>();
        if (!volumes.matches().isEmpty()) {
            volumes.matches().forEach(each -> add(byClass, each.claim(), StorageSizes.of(each.volume())));
        } else {
            for (NodeVolumes.Provision each : volumes.provisions()) {
                if (each.capacity() != null) {
                    add(byClass, each.claim(), StorageSizes.of(each.capacity().getCapacity()));
                }
            }
        }
        return new StorageUsage(byClass);
    }

    private static void add(Map<String, Used> byClass, PersistentVolumeClaim claim, BigDecimal capacity) {
        byClass.merge(StorageClasses.of(claim), new Used(StorageSizes.requested(claim), capacity), Used::plus);
    }

    /** What that is worth: the mean over the classes of what a curve says; 0 if none is used. */
    long worth(List<Point> shape) {
        double sum = 0;
        for (Used used : byClass.values()) {
            sum += NodeResourcesFit.worthAt(shape, used.percent());
        }
        return byClass.isEmpty() ? 0 : Math.round(sum / byClass.size());
    }
}
