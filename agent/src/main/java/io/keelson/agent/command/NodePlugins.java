package io.keelson.agent.command;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.agent.claims.ClaimResources;
import io.keelson.agent.claims.DraDrivers;
import io.keelson.agent.claims.NodeClaims;
import io.keelson.agent.devices.DeviceResources;
import io.keelson.agent.devices.NodeDevices;
import io.keelson.agent.devices.PodResourcesService;
import io.keelson.agent.plugins.CsiNodeObject;
import io.keelson.agent.plugins.CsiPlugins;
import io.keelson.agent.plugins.PluginFolder;
import io.keelson.agent.plugins.UnixServer;
import io.keelson.agent.pods.AgentPods;
import io.keelson.agent.pods.PodResources;
import io.keelson.controllers.process.Parts;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Plugins of the node: what they bring to pods, and the sockets at which they are met. */
final class NodePlugins {
    private static final Logger LOG = LoggerFactory.getLogger(NodePlugins.class);

    private final Path root;
    private final NodeParts rooms;
    private final NodeDevices devices;
    private final DraDrivers drivers;
    private final NodeClaims claims;
    private final CsiNodeObject storage;
    private final PluginFolder folder;
    private final PodResources resources;

    /** Nobody can register before the start. */
    NodePlugins(NodePlan plan, NodeParts rooms, KubernetesClient client, Time time, Parts parts) {
        this.rooms = rooms;
        root = plan.root();
        devices = rooms.devices();
        drivers = parts.opened(new DraDrivers(plan.node().name(), client, rooms.sockets(), time));
        claims = new NodeClaims(root.resolve("dra_manager_state"), client, drivers);
        storage = parts.opened(new CsiNodeObject(plan.node().name(), client, time));
        folder = parts.opened(new PluginFolder(
                root.resolve("plugins_registry"),
                rooms.sockets(),
                Map.of(
                        "CSIPlugin", new CsiPlugins(rooms.drivers(), storage),
                        "DevicePlugin", devices,
                        "DRAPlugin", drivers),
                time));
        resources = new DeviceResources(new ClaimResources(rooms.cgroups(), claims), devices);
    }

    /** What pods are given: cgroups, claimed devices and devices of plugins. */
    PodResources resources() {
        return resources;
    }

    /** Who is told, before the start, whose devices are otherwise than before: the uid of a pod. */
    void onHealth(Consumer<String> listener) {
        claims.onHealth(listener);
        devices.onHealth(listener);
    }

    /** Lets plugins register. A node without works as well, so what fails is told and nothing more. */
    void start(AgentPods pods, Parts parts) {
        storage.start();
        drivers.start();
        try {
            devices.start();
            folder.start();
            parts.opened(UnixServer.start(
                    root.resolve("pod-resources").resolve("kubelet.sock"),
                    List.of(new PodResourcesService(
                            pods, devices, rooms.placement().cpus()))));
        } catch (IOException e) {
            LOG.error("plugins cannot register at this node: {}", e.getMessage());
        }
    }
}
