package io.keelson.agent.stats;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.agent.resources.CgroupUsage;
import io.keelson.agent.resources.CgroupUsage.Pressure;
import io.keelson.agent.resources.CgroupUsage.Share;
import io.keelson.agent.resources.CgroupUsage.Stall;
import io.keelson.agent.stats.NodeUsage.ContainerUsage;
import io.keelson.agent.stats.NodeUsage.Disk;
import io.keelson.agent.stats.NodeUsage.Figures;
import io.keelson.agent.stats.NodeUsage.Interface;
import io.keelson.agent.stats.NodeUsage.Network;
import io.keelson.agent.stats.NodeUsage.PodUsage;
import io.keelson.agent.stats.NodeUsage.VolumeUsage;
import io.keelson.agent.volumes.DiskUsage;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A look as {@code Summary} of {@code stats.k8s.io/v1alpha1}, which {@code /stats/summary} answers with. */
final class SummaryText {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final NodeUsage usage;
    private final boolean brief;

    private SummaryText(NodeUsage usage, boolean brief) {
        this.usage = usage;
        this.brief = brief;
    }

    /** @param brief without anything but processors and memory ({@code only_cpu_and_memory}) */
    static String of(NodeUsage usage, boolean brief) {
        SummaryText text = new SummaryText(usage, brief);
        ObjectNode summary = NODES.objectNode();
        summary.set("node", text.node());
        ArrayNode pods = summary.putArray("pods");
        usage.pods().forEach(pod -> pods.add(text.pod(pod)));
        return summary.toString();
    }

    private ObjectNode node() {
        ObjectNode node = NODES.objectNode().put("nodeName", usage.name());
        ArrayNode groups = node.putArray("systemContainers");
        for (Map.Entry<String, Figures> group : new TreeMap<>(usage.groups()).entrySet()) {
            ObjectNode entry = groups.addObject().put("name", group.getKey());
            entry.put("startTime", time(usage.since()));
            figures(entry, Optional.of(group.getValue()));
        }
        node.put("startTime", time(usage.since()));
        figures(node, Optional.of(usage.figures()));
        if (brief) {
            return node;
        }
        node.set("network", network(usage.network()));
        usage.nodeDisk().ifPresent(disk -> node.set("fs", disk(disk)));
        if (usage.imageDisk().isPresent()) {
            ObjectNode runtime = node.putObject("runtime");
            usage.imageDisk().ifPresent(disk -> runtime.set("imageFs", disk(disk)));
            usage.writableDisk().ifPresent(disk -> runtime.set("containerFs", disk(disk)));
        }
        node.putObject("rlimit")
                .put("time", time(usage.processes().time()))
                .put("maxpid", usage.processes().max())
                .put("curproc", usage.processes().running());
        return node;
    }

    private ObjectNode pod(PodUsage pod) {
        ObjectNode node = NODES.objectNode();
        node.putObject("podRef")
                .put("name", pod.name())
                .put("namespace", pod.namespace())
                .put("uid", pod.uid());
        node.put("startTime", time(pod.since()));
        ArrayNode containers = node.putArray("containers");
        pod.containers().forEach(container -> containers.add(container(container)));
        figures(node, pod.figures());
        if (brief) {
            return node;
        }
        pod.network().ifPresent(network -> node.set("network", network(network)));
        if (!pod.volumes().isEmpty()) {
            ArrayNode volumes = node.putArray("volume");
            for (VolumeUsage volume : pod.volumes()) {
                ObjectNode entry = disk(volume.disk()).put("name", volume.name());
                if (!volume.claim().isEmpty()) {
                    entry.putObject("pvcRef").put("name", volume.claim()).put("namespace", pod.namespace());
                }
                volume.abnormal()
                        .ifPresent(
                                abnormal -> entry.putObject("volumeHealthStats").put("abnormal", abnormal));
                volumes.add(entry);
            }
        }
        pod.disk()
                .ifPresent(used -> on(usage.nodeDisk(), used).ifPresent(entry -> node.set("ephemeral-storage", entry)));
        pod.figures()
                .ifPresent(figures -> node.putObject("process_stats")
                        .put("process_count", figures.usage().tasks().processes()));
        return node;
    }

    private ObjectNode container(ContainerUsage container) {
        ObjectNode node = NODES.objectNode().put("name", container.name());
        node.put("startTime", time(container.since()));
        figures(node, container.figures());
        if (!brief) {
            container
                    .written()
                    .flatMap(used -> on(usage.writableDisk(), used))
                    .ifPresent(entry -> node.set("rootfs", entry));
            container.logs().flatMap(used -> on(usage.nodeDisk(), used)).ifPresent(entry -> node.set("logs", entry));
        }
        return node;
    }

    private void figures(ObjectNode node, Optional<Figures> known) {
        if (known.isEmpty()) {
            return;
        }
        Figures figures = known.get();
        String time = time(figures.time());
        CgroupUsage used = figures.usage();
        ObjectNode cpu = node.putObject("cpu").put("time", time);
        figures.rateNanos().ifPresent(rate -> cpu.put("usageNanoCores", rate));
        cpu.put("usageCoreNanoSeconds", used.cpu().nanos());
        ObjectNode memory = node.putObject("memory").put("time", time);
        used.memory().availableBytes().ifPresent(bytes -> memory.put("availableBytes", bytes));
        memory.put("usageBytes", used.memory().bytes())
                .put("workingSetBytes", used.memory().workingSetBytes())
                .put("rssBytes", used.memory().anonymousBytes())
                .put("pageFaults", used.memory().faults())
                .put("majorPageFaults", used.memory().majorFaults());
        ObjectNode swap = node.putObject("swap").put("time", time);
        used.memory()
                .swapLimitBytes()
                .ifPresent(limit -> swap.put(
                        "swapAvailableBytes", Math.max(0, limit - used.memory().swapBytes())));
        swap.put("swapUsageBytes", used.memory().swapBytes());
        if (used.pressure().isPresent()) {
            Pressure pressure = used.pressure().get();
            cpu.set("psi", stall(pressure.cpu()));
            memory.set("psi", stall(pressure.memory()));
            node.putObject("io").put("time", time).set("psi", stall(pressure.io()));
        }
    }

    private static ObjectNode stall(Stall stall) {
        ObjectNode node = NODES.objectNode();
        node.set("full", share(stall.full()));
        node.set("some", share(stall.some()));
        return node;
    }

    private static ObjectNode share(Share share) {
        return NODES.objectNode()
                .put("total", TimeUnit.MICROSECONDS.toNanos(share.totalMicros()))
                .put("avg10", share.avg10())
                .put("avg60", share.avg60())
                .put("avg300", share.avg300());
    }

    private static ObjectNode network(Network network) {
        ObjectNode node = NODES.objectNode().put("time", time(network.time()));
        ArrayNode interfaces = NODES.arrayNode();
        for (Interface one : network.interfaces()) {
            if (one.name().equals(network.main())) {
                traffic(node, one);
            }
            traffic(interfaces.addObject(), one);
        }
        // As the original: the main one is there twice.
        node.putIfAbsent("name", NODES.textNode(network.main()));
        node.set("interfaces", interfaces);
        return node;
    }

    private static void traffic(ObjectNode node, Interface one) {
        node.put("name", one.name())
                .put("rxBytes", one.received().bytes())
                .put("rxErrors", one.received().errors())
                .put("txBytes", one.sent().bytes())
                .put("txErrors", one.sent().errors());
    }

    /** What something takes of a file system. */
    private static Optional<ObjectNode> on(Optional<Disk> disk, DiskUsage used) {
        return disk.map(all -> disk(new Disk(
                all.time(),
                all.mount(),
                all.device(),
                all.capacityBytes(),
                all.availableBytes(),
                used.bytes(),
                all.inodes(),
                all.inodesFree(),
                used.inodes())));
    }

    private static ObjectNode disk(Disk disk) {
        return NODES.objectNode()
                .put("time", time(disk.time()))
                .put("availableBytes", disk.availableBytes())
                .put("capacityBytes", disk.capacityBytes())
                .put("usedBytes", disk.usedBytes())
                .put("inodesFree", disk.inodesFree())
                .put("inodes", disk.inodes())
                .put("inodesUsed", disk.inodesUsed());
    }

    private static String time(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
