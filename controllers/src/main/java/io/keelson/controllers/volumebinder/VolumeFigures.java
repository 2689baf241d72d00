package io.keelson.controllers.volumebinder;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeSpec;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.StorageClasses;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** How many volumes and claims there are and are bound: {@code pv_collector_*}, counted anew each time that somebody asks. */
final class VolumeFigures {
    private static final String PREFIX = "pv_collector_";
    private static final String BOUND = "Bound";
    private static final String[] CLASS = {"storage_class"};
    private static final String[] CLAIM = {"namespace", "storage_class", "volume_attributes_class"};

    private VolumeFigures() {}

    /** Counts what caches show. */
    static void count(ControllerMetrics metrics, Cache<PersistentVolume> volumes, Cache<PersistentVolumeClaim> claims) {
        metrics.gauge(
                PREFIX + "total_pv_count",
                "Volumes by who provides them",
                callback -> tell(callback, volumes::all, VolumeFigures::kind),
                "plugin_name",
                "volume_mode");
        metrics.gauge(
                PREFIX + "bound_pv_count",
                "Volumes that are bound",
                callback -> tell(callback, () -> bound(volumes, true), one -> List.of(StorageClasses.of(one))),
                CLASS);
        metrics.gauge(
                PREFIX + "unbound_pv_count",
                "Volumes that are not bound",
                callback -> tell(callback, () -> bound(volumes, false), one -> List.of(StorageClasses.of(one))),
                CLASS);
        metrics.gauge(
                PREFIX + "bound_pvc_count",
                "Claims that are bound",
                callback -> tell(callback, () -> boundClaims(claims, true), VolumeFigures::labels),
                CLAIM);
        metrics.gauge(
                PREFIX + "unbound_pvc_count",
                "Claims that are not bound",
                callback -> tell(callback, () -> boundClaims(claims, false), VolumeFigures::labels),
                CLAIM);
    }

    private static <T> void tell(
            GaugeWithCallback.Callback callback,
            Supplier<? extends Collection<T>> objects,
            Function<T, List<String>> labels) {
        objects.get().stream()
                .collect(Collectors.groupingBy(labels, Collectors.counting()))
                .forEach((values, count) -> callback.call(count, values.toArray(String[]::new)));
    }

    private static List<PersistentVolume> bound(Cache<PersistentVolume> volumes, boolean bound) {
        return volumes.all().stream()
                .filter(volume -> bound
                        == (volume.getStatus() != null
                                && BOUND.equals(volume.getStatus().getPhase())))
                .toList();
    }

    private static List<PersistentVolumeClaim> boundClaims(Cache<PersistentVolumeClaim> claims, boolean bound) {
        return claims.all().stream()
                .filter(claim -> bound
                        == (claim.getStatus() != null
                                && BOUND.equals(claim.getStatus().getPhase())))
                .toList();
    }

    private static List<String> labels(PersistentVolumeClaim claim) {
        return List.of(
                OrEmpty.of(claim.getMetadata().getNamespace()),
                StorageClasses.of(claim),
                OrEmpty.of(claim.getSpec().getVolumeAttributesClassName()));
    }

    /** Who provides a volume, and what it is to pods. */
    static List<String> kind(PersistentVolume volume) {
        String mode = OrEmpty.of(volume.getSpec().getVolumeMode());
        return List.of(plugin(volume.getSpec()), mode.isEmpty() ? "Filesystem" : mode);
    }

    private static String plugin(PersistentVolumeSpec spec) {
        if (spec.getCsi() != null) {
            return "kubernetes.io/csi:" + OrEmpty.of(spec.getCsi().getDriver());
        }
        if (spec.getHostPath() != null) {
            return "kubernetes.io/host-path";
        }
        if (spec.getLocal() != null) {
            return "kubernetes.io/local-volume";
        }
        if (spec.getNfs() != null) {
            return "kubernetes.io/nfs";
        }
        if (spec.getIscsi() != null) {
            return "kubernetes.io/iscsi";
        }
        if (spec.getFc() != null) {
            return "kubernetes.io/fc";
        }
        return spec.getFlexVolume() != null
                ? "flexvolume-" + OrEmpty.of(spec.getFlexVolume().getDriver())
                : "N/A";
    }
}
