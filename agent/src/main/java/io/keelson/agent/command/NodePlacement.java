package io.keelson.agent.command;

import io.keelson.agent.devices.DeviceSource;
import io.keelson.agent.devices.NodeDevices;
import io.keelson.agent.pods.PodPlacement;
import io.keelson.agent.resources.placement.CpuSet;
import io.keelson.agent.resources.placement.CpuTopology;
import io.keelson.agent.resources.placement.ExclusiveCpus;
import io.keelson.agent.resources.placement.ExclusiveMemory;
import io.keelson.agent.resources.placement.NumaNodes;
import io.keelson.agent.resources.topology.HintSource;
import io.keelson.agent.resources.topology.NodeSet;
import io.keelson.agent.resources.topology.TopologyAdmission;
import io.keelson.agent.resources.topology.TopologyMetrics;
import io.keelson.agent.resources.topology.TopologyPolicy;
import io.keelson.agent.resources.topology.TopologyScope;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who has which processors, memory in which NUMA nodes, and which devices. Of what nobody asked for, nothing is there.
 *
 * @param cpus who has processors alone; empty if nobody can
 * @param memory who has memory in certain nodes; empty if nobody can
 * @param pods gives pods all of it, close together if that is asked for
 */
record NodePlacement(Optional<ExclusiveCpus> cpus, Optional<ExclusiveMemory> memory, PodPlacement pods) {
    /** Where it does not matter where things are. */
    private static final NodePlan.NumaPlan ANYWHERE = new NodePlan.NumaPlan(
            Optional.empty(), TopologyPolicy.NONE, TopologyScope.CONTAINER, false, NodeSet.LOOKED_AT_MAX);

    /**
     * Goes on with what an earlier agent left.
     *
     * @param folder {@code /sys/devices/system}
     * @param root the agent's folder
     * @param memoryBytes the machine's memory
     * @throws IOException if what is wanted does not go with this machine, or with what was left; the text says what to
     *     do
     */
    static NodePlacement open(
            Path folder,
            Path root,
            Optional<NodePlan.ExclusivePlan> exclusive,
            Optional<NodePlan.NumaPlan> numa,
            NodeDevices devices,
            long memoryBytes,
            Time time,
            PrometheusRegistry metrics)
            throws IOException {
        if (exclusive.isEmpty() && numa.isEmpty()) {
            NumaNodes nodes = NumaNodes.one(CpuSet.NONE, memoryBytes);
            List<HintSource> sources = List.of(new DeviceSource(devices, nodes.all()));
            return new NodePlacement(
                    Optional.empty(), Optional.empty(), admission(ANYWHERE, nodes, sources, time, metrics));
        }
        CpuTopology topology = CpuTopology.read(folder.resolve("cpu"));
        NumaNodes nodes = numa.isPresent()
                ? NumaNodes.read(folder.resolve("node"), topology.all(), memoryBytes)
                : NumaNodes.one(topology.all(), memoryBytes);
        List<HintSource> sources = new ArrayList<>();
        sources.add(new DeviceSource(devices, nodes.all()));
        try {
            Optional<ExclusiveCpus> cpus = exclusive.isPresent()
                    ? Optional.of(cpus(root, exclusive.get(), topology, nodes))
                    : Optional.empty();
            cpus.ifPresent(sources::add);
            Optional<NodePlan.MemoryPlan> ofMemory = numa.flatMap(NodePlan.NumaPlan::memory);
            Optional<ExclusiveMemory> memory =
                    ofMemory.isPresent() ? Optional.of(memory(root, ofMemory.get(), nodes)) : Optional.empty();
            memory.ifPresent(sources::add);
            return new NodePlacement(cpus, memory, admission(numa.orElse(ANYWHERE), nodes, sources, time, metrics));
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static ExclusiveCpus cpus(Path root, NodePlan.ExclusivePlan wanted, CpuTopology topology, NumaNodes nodes)
            throws IOException {
        CpuSet reserved = wanted.reserved().isEmpty()
                ? ExclusiveCpus.reserve(topology, wanted.reservedMilli())
                : CpuSet.parse(wanted.reserved());
        return new ExclusiveCpus(root.resolve("cpu_manager_state"), topology, nodes, reserved, wanted.wholeCores());
    }

    private static ExclusiveMemory memory(Path root, NodePlan.MemoryPlan wanted, NumaNodes nodes) throws IOException {
        return new ExclusiveMemory(
                root.resolve("memory_manager_state"),
                nodes,
                wanted.reserved(),
                Map.of("memory", wanted.reservedBytes()));
    }

    private static TopologyAdmission admission(
            NodePlan.NumaPlan wanted,
            NumaNodes nodes,
            List<HintSource> sources,
            Time time,
            PrometheusRegistry metrics) {
        return new TopologyAdmission(
                wanted.policy(),
                wanted.scope(),
                nodes.all(),
                wanted.nearest() ? nodes.nearestFirst() : NumaNodes.lowestFirst(),
                wanted.nodesMax(),
                sources,
                time,
                new TopologyMetrics(metrics));
    }
}
