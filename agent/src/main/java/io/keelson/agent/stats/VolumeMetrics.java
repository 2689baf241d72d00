package io.keelson.agent.stats;

import io.keelson.agent.stats.NodeUsage.Disk;
import io.keelson.agent.stats.NodeUsage.PodUsage;
import io.keelson.agent.stats.NodeUsage.VolumeUsage;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.HashSet;
import java.util.Set;

/** What claims of pods take, as {@code /metrics} shows it; a claim that several pods use is told once. */
final class VolumeMetrics {
    private VolumeMetrics() {}

    static MetricSnapshots of(NodeUsage usage) {
        MetricTable table = new MetricTable();
        Set<Labels> told = new HashSet<>();
        for (PodUsage pod : usage.pods()) {
            for (VolumeUsage volume : pod.volumes()) {
                Labels labels = Labels.of("namespace", pod.namespace(), "persistentvolumeclaim", volume.claim());
                if (!volume.claim().isEmpty() && told.add(labels)) {
                    add(table, labels, volume.disk());
                    volume.abnormal()
                            .ifPresent(abnormal -> table.gauge(
                                    "kubelet_volume_stats_health_status_abnormal",
                                    "Abnormal volume health status: 1 if something is wrong with the volume, 0 if not",
                                    labels,
                                    abnormal ? 1 : 0,
                                    null));
                }
            }
        }
        return table.snapshots();
    }

    private static void add(MetricTable table, Labels labels, Disk disk) {
        table.gauge(
                "kubelet_volume_stats_capacity_bytes",
                "Capacity in bytes of the volume",
                labels,
                disk.capacityBytes(),
                null);
        table.gauge(
                "kubelet_volume_stats_available_bytes",
                "Number of available bytes in the volume",
                labels,
                disk.availableBytes(),
                null);
        table.gauge(
                "kubelet_volume_stats_used_bytes",
                "Number of used bytes in the volume",
                labels,
                disk.usedBytes(),
                null);
        table.gauge(
                "kubelet_volume_stats_inodes", "Maximum number of inodes in the volume", labels, disk.inodes(), null);
        table.gauge(
                "kubelet_volume_stats_inodes_free",
                "Number of free inodes in the volume",
                labels,
                disk.inodesFree(),
                null);
        table.gauge(
                "kubelet_volume_stats_inodes_used",
                "Number of used inodes in the volume",
                labels,
                disk.inodesUsed(),
                null);
    }
}
