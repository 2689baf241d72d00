package io.keelson.agent.stats;

import io.keelson.agent.node.MachineFacts;
import io.keelson.agent.stats.NodeUsage.ContainerUsage;
import io.keelson.agent.stats.NodeUsage.Disk;
import io.keelson.agent.stats.NodeUsage.Figures;
import io.keelson.agent.stats.NodeUsage.Interface;
import io.keelson.agent.stats.NodeUsage.Network;
import io.keelson.agent.stats.NodeUsage.PodUsage;
import io.keelson.agent.stats.NodeUsage.Traffic;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A look as {@code /metrics/cadvisor} shows it, under the names and labels of cAdvisor in the kubelet: of containers
 * with {@code container}, {@code image} and {@code name}, of pods with these empty, of the machine with the id {@code /}.
 */
final class CadvisorMetrics {
    private final MetricTable table = new MetricTable();
    private final Instant now;

    private CadvisorMetrics(Instant now) {
        this.now = now;
    }

    static MetricSnapshots of(NodeUsage usage, MachineFacts facts) {
        CadvisorMetrics metrics = new CadvisorMetrics(usage.figures().time());
        metrics.machine(facts);
        Labels machine = labels("/", "", "", "", "", "");
        metrics.figures(machine, usage.figures(), usage.since());
        metrics.network(machine, usage.network());
        usage.nodeDisk().ifPresent(disk -> metrics.disk(machine, disk));
        for (PodUsage pod : usage.pods()) {
            metrics.pod(pod);
        }
        metrics.table.gauge(
                "container_scrape_error",
                "1 if there was an error while getting container metrics, 0 otherwise",
                Labels.EMPTY,
                0,
                null);
        List<MetricSnapshot> all = new ArrayList<>();
        metrics.table.snapshots().forEach(all::add);
        all.add(InfoSnapshot.builder()
                .name("cadvisor_version")
                .help("A metric with a constant '1' value labeled by kernel version, OS version, docker version,"
                        + " cadvisor version & cadvisor revision.")
                .dataPoint(InfoDataPointSnapshot.builder()
                        .labels(Labels.of(
                                "cadvisorRevision",
                                "",
                                "cadvisorVersion",
                                "",
                                "dockerVersion",
                                "",
                                "kernelVersion",
                                facts.kernelVersion(),
                                "osVersion",
                                facts.osImage()))
                        .build())
                .build());
        return new MetricSnapshots(all);
    }

    private static Labels labels(String id, String container, String image, String name, String namespace, String pod) {
        return Labels.of(
                "container", container, "id", id, "image", image, "name", name, "namespace", namespace, "pod", pod);
    }

    private void machine(MachineFacts facts) {
        table.gauge("machine_cpu_cores", "Number of logical CPU cores.", ofMachine(facts), facts.cpus(), null);
        table.gauge(
                "machine_memory_bytes",
                "Amount of memory installed on the machine.",
                ofMachine(facts),
                facts.memoryBytes(),
                null);
        table.gauge(
                "machine_swap_bytes",
                "Amount of swap memory available on the machine.",
                ofMachine(facts),
                facts.swapBytes(),
                null);
        table.gauge(
                "machine_scrape_error",
                "1 if there was an error while getting machine metrics, 0 otherwise.",
                Labels.EMPTY,
                0,
                null);
    }

    private static Labels ofMachine(MachineFacts facts) {
        return Labels.of("boot_id", facts.bootId(), "machine_id", facts.machineId(), "system_uuid", facts.systemUuid());
    }

    private void pod(PodUsage pod) {
        Labels labels = labels(pod.cgroup(), "", "", "", pod.namespace(), pod.name());
        pod.figures().ifPresent(figures -> figures(labels, figures, pod.since()));
        pod.network().ifPresent(network -> network(labels, network));
        for (ContainerUsage container : pod.containers()) {
            Labels own = labels(
                    container.cgroup(),
                    container.name(),
                    container.image(),
                    container.id(),
                    pod.namespace(),
                    pod.name());
            Optional<Figures> known = container.figures();
            known.ifPresent(figures -> figures(own, figures, container.since()));
            container
                    .written()
                    .ifPresent(used -> table.gauge(
                            "container_fs_usage_bytes",
                            "Number of bytes that are consumed by the container on this filesystem.",
                            own.add("device", ""),
                            used.bytes(),
                            now));
        }
    }

    private void figures(Labels labels, Figures figures, Instant since) {
        table.gauge(
                "container_start_time_seconds",
                "Start time of the container since unix epoch in seconds.",
                labels,
                since.getEpochSecond(),
                null);
        table.gauge(
                "container_last_seen",
                "Last time a container was seen by the exporter",
                labels,
                figures.time().getEpochSecond(),
                figures.time());
        GroupMetrics.add(table, labels, figures.usage(), figures.time());
    }

    private void disk(Labels labels, Disk disk) {
        Labels own = labels.add("device", disk.device());
        table.gauge(
                "container_fs_limit_bytes",
                "Number of bytes that can be consumed by the container on this filesystem.",
                own,
                disk.capacityBytes(),
                disk.time());
        table.gauge(
                "container_fs_usage_bytes",
                "Number of bytes that are consumed by the container on this filesystem.",
                own,
                disk.usedBytes(),
                disk.time());
        table.gauge("container_fs_inodes_total", "Number of Inodes", own, disk.inodes(), disk.time());
        table.gauge("container_fs_inodes_free", "Number of available Inodes", own, disk.inodesFree(), disk.time());
    }

    private void network(Labels labels, Network network) {
        for (Interface one : network.interfaces()) {
            Labels own = labels.add("interface", one.name());
            traffic("receive", "received", "receiving", own, one.received(), network.time());
            traffic("transmit", "transmitted", "transmitting", own, one.sent(), network.time());
        }
    }

    private void traffic(String way, String past, String present, Labels labels, Traffic traffic, Instant at) {
        String prefix = "container_network_" + way;
        table.counter(prefix + "_bytes_total", "Cumulative count of bytes " + past, labels, traffic.bytes(), at);
        table.counter(prefix + "_packets_total", "Cumulative count of packets " + past, labels, traffic.packets(), at);
        table.counter(
                prefix + "_packets_dropped_total",
                "Cumulative count of packets dropped while " + present,
                labels,
                traffic.dropped(),
                at);
        table.counter(
                prefix + "_errors_total",
                "Cumulative count of errors encountered while " + present,
                labels,
                traffic.errors(),
                at);
    }
}
