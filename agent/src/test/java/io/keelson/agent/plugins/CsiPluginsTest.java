package io.keelson.agent.plugins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.storage.CSINode;
import io.fabric8.kubernetes.api.model.storage.CSINodeDriver;
import io.keelson.agent.volumes.VolumeException;
import io.keelson.agent.volumes.csi.CsiDrivers;
import io.keelson.agent.volumes.csi.DriverSockets;
import io.keelson.agent.wire.csi.NodeGetInfoResponse;
import io.keelson.agent.wire.csi.Topology;
import io.keelson.agent.wire.registration.PluginInfo;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.TestCluster;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Storage plugins of a node, and what the API knows of them. */
final class CsiPluginsTest {
    private final TestCluster cluster = new TestCluster();
    private final String name = "node-of-" + cluster.namespace();
    private final Time time = Time.system();
    private final DriverSockets sockets = new DriverSockets();
    private final CsiDrivers drivers = new CsiDrivers(sockets);
    private final CsiNodeObject object = new CsiNodeObject(name, cluster.client(), time);
    private final CsiPlugins plugins = new CsiPlugins(drivers, object);

    @TempDir
    private Path folder;

    @AfterEach
    void end() {
        object.close();
        drivers.close();
        sockets.close();
        time.close();
        cluster.close();
    }

    private void makeNode(Map<String, String> labels) {
        cluster.client()
                .resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(labels)
                        .endMetadata()
                        .build())
                .create();
    }

    private Node node() {
        return Objects.requireNonNull(cluster.client().nodes().withName(name).get());
    }

    private CSINode csiNode() {
        return Objects.requireNonNull(
                cluster.client().storage().v1().csiNodes().withName(name).get());
    }

    private static NodeGetInfoResponse info(String id, long max, Map<String, String> topology) {
        return NodeGetInfoResponse.newBuilder()
                .setNodeId(id)
                .setMaxVolumesPerNode(max)
                .setAccessibleTopology(Topology.newBuilder().putAllSegments(topology))
                .build();
    }

    private FakePlugin plugin(String socket, NodeGetInfoResponse info) throws Exception {
        return new FakePlugin(folder.resolve(socket), PluginInfo.getDefaultInstance(), info);
    }

    private Plugin told(String driver, String socket, String... versions) {
        return new Plugin("CSIPlugin", driver, folder.resolve(socket), List.of(versions));
    }

    @Test
    void theApiKnowsADriverAsLongAsItIsThere() throws Exception {
        makeNode(Map.of());
        try (FakePlugin _ = plugin("a.sock", info("id-of-a", 39, Map.of("a/zone", "z1", "a/rack", "r1")));
                FakePlugin _ = plugin("b.sock", info("id-of-b", 0, Map.of()))) {
            plugins.register(told("a.example.com", "a.sock", "1.0.0", "0.3.0"));
            plugins.register(told("b.example.com", "b.sock", "1.2.0"));
            // As after a restart of the agent.
            plugins.register(told("a.example.com", "a.sock", "1.0.0"));
            assertEquals(Set.of("a.example.com", "b.example.com"), drivers.names());
            List<CSINodeDriver> known = csiNode().getSpec().getDrivers();
            assertEquals(2, known.size());
            CSINodeDriver first = known.stream()
                    .filter(driver -> driver.getName().equals("a.example.com"))
                    .findFirst()
                    .orElseThrow();
            assertEquals("id-of-a", first.getNodeID());
            assertEquals(39, first.getAllocatable().getCount());
            assertEquals(List.of("a/rack", "a/zone"), first.getTopologyKeys());
            assertEquals(
                    node().getMetadata().getUid(),
                    csiNode().getMetadata().getOwnerReferences().getFirst().getUid());
            assertTrue(String.valueOf(csiNode()
                            .getMetadata()
                            .getAnnotations()
                            .get("storage.alpha.kubernetes.io/migrated-plugins"))
                    .startsWith("kubernetes.io/aws-ebs,"));
            assertEquals("z1", node().getMetadata().getLabels().get("a/zone"));
            assertEquals(
                    "{\"a.example.com\":\"id-of-a\",\"b.example.com\":\"id-of-b\"}",
                    node().getMetadata().getAnnotations().get("csi.volume.kubernetes.io/nodeid"));
            plugins.deregister(told("a.example.com", "a.sock"));
            assertEquals(Set.of("b.example.com"), drivers.names());
            assertEquals(1, csiNode().getSpec().getDrivers().size());
            plugins.deregister(told("b.example.com", "b.sock"));
            plugins.deregister(told("b.example.com", "b.sock"));
            assertNull(node().getMetadata().getAnnotations().get("csi.volume.kubernetes.io/nodeid"));
        }
    }

    @Test
    void whatCannotBeUsedIsRefusedWithAReason() throws Exception {
        assertEquals(
                "error getting node: nodes \"" + name + "\" not found: it has not registered yet", refusal("a.sock"));
        makeNode(Map.of("a/zone", "other"));
        assertEquals(
                "detected topology value collision: driver reported \"a/zone\":\"z1\" but existing label is"
                        + " \"a/zone\":\"other\"",
                refusal("a.sock"));
        assertEquals(Set.of(), drivers.names());
        assertThrows(PluginProblem.class, () -> plugins.register(told("c.example.com", "absent.sock", "1.0.0")));
        for (String version : List.of("0.3.0", "2.0.0", "", "x", "1".repeat(30))) {
            assertThrows(
                    PluginProblem.class, () -> plugins.register(told("c.example.com", "a.sock", version)), version);
        }
        assertThrows(PluginProblem.class, () -> plugins.register(told("../c", "a.sock", "1.0.0")));
        assertThrows(VolumeException.class, () -> drivers.get("c.example.com"));
    }

    private String refusal(String socket) throws Exception {
        try (FakePlugin _ = plugin(socket, info("id", 1, Map.of("a/zone", "z1")))) {
            return String.valueOf(
                    assertThrows(PluginProblem.class, () -> plugins.register(told("c.example.com", socket, "1.0.0")))
                            .getMessage());
        }
    }

    @Test
    void theCsiNodeIsThereWithoutPluginsAsSoonAsTheNodeIs() throws Exception {
        makeNode(Map.of());
        object.start();
        TestCluster.await(
                "there is one",
                () -> cluster.client().storage().v1().csiNodes().withName(name).get() != null);
    }
}
