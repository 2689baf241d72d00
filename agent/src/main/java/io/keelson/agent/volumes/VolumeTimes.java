package io.keelson.agent.volumes;

import io.fabric8.kubernetes.api.model.PersistentVolumeSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.keelson.controllers.objects.OrEmpty;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** How long it takes to make volumes for pods, as the kubelet counts it: {@code storage_operation_duration_seconds}. Any thread. */
public final class VolumeTimes {
    private static final double NANOS = 1e9;
    private static final double[] SECONDS = {.1, .25, .5, 1, 2.5, 5, 10, 15, 25, 50, 120, 300, 600};
    private static final String CSI = "csi:";

    private final Histogram seconds;

    /** Counts in a registry. */
    public VolumeTimes(PrometheusRegistry registry) {
        seconds = Histogram.builder()
                .name("storage_operation_duration_seconds")
                .help("How long it took to make a volume, or to bring it up to date")
                .labelNames("volume_plugin", "operation_name", "status", "migrated")
                .classicOnly()
                .classicUpperBounds(SECONDS)
                .register(registry);
    }

    /**
     * A volume was made, or could not be.
     *
     * @param plugin as {@link #plugin} names it
     */
    void mounted(String plugin, boolean well, long nanos) {
        seconds.labelValues("kubernetes.io/" + plugin, "volume_mount", well ? "success" : "fail-unknown", "false")
                .observe(nanos / NANOS);
    }

    /** What makes a volume that a pod itself describes; empty if nothing does. */
    static String plugin(Volume volume) {
        if (volume.getConfigMap() != null) {
            return "configmap";
        }
        if (volume.getSecret() != null) {
            return "secret";
        }
        if (volume.getProjected() != null) {
            return "projected";
        }
        if (volume.getDownwardAPI() != null) {
            return "downward-api";
        }
        if (volume.getEmptyDir() != null) {
            return "empty-dir";
        }
        if (volume.getHostPath() != null) {
            return "host-path";
        }
        if (volume.getCsi() != null) {
            return CSI + OrEmpty.of(volume.getCsi().getDriver());
        }
        if (volume.getNfs() != null) {
            return NodeDisks.NFS;
        }
        return volume.getImage() == null ? "" : "image";
    }

    /** What makes a persistent one; empty if nothing does. */
    static String plugin(PersistentVolumeSpec volume) {
        if (volume.getCsi() != null) {
            return CSI + OrEmpty.of(volume.getCsi().getDriver());
        }
        if (volume.getLocal() != null) {
            return NodeDisks.LOCAL;
        }
        if (volume.getHostPath() != null) {
            return "host-path";
        }
        return volume.getNfs() == null ? "" : NodeDisks.NFS;
    }
}
