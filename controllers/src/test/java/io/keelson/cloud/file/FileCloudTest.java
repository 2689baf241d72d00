package io.keelson.cloud.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.keelson.cloud.node.CloudNodeController;
import io.keelson.cloud.node.CloudNodeLifecycleController;
import io.keelson.cloud.node.CloudNodeSettings;
import io.keelson.cloud.route.NodeRouteController;
import io.keelson.cloud.route.NodeRouteSettings;
import io.keelson.controllers.config.ConfigException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.testing.Crashes;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.controllers.testing.TestNodes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way, from the file to what Nodes say. */
class FileCloudTest {
    private static final String UNINITIALIZED = "node.cloudprovider.kubernetes.io/uninitialized";
    private static final String SHUTDOWN = "node.cloudprovider.kubernetes.io/shutdown";
    private static final CloudNodeSettings SETTINGS =
            new CloudNodeSettings(Duration.ofMillis(100), 2, Duration.ofMillis(100));

    private final TestCluster cluster = new TestCluster();
    private final TestNodes nodes = new TestNodes(cluster.client());
    private final List<FileCloud> open = new ArrayList<>();

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        cluster.close();
        open.forEach(FileCloud::close);
    }

    private void write(String rest) throws IOException {
        Path beside = folder.resolve("next");
        Files.writeString(beside, "apiVersion: cloud.keelson.io/v1\nkind: FileCloud\n" + rest);
        Files.move(beside, file(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private Path file() {
        return folder.resolve("cloud.yaml");
    }

    private FileCloud cloud() throws ConfigException {
        FileCloud cloud = new FileCloud(file(), Duration.ofMillis(10));
        open.add(cloud);
        return cloud;
    }

    private String uninitialized() {
        String name = nodes.create(Map.of());
        nodes.taint(
                name,
                new TaintBuilder()
                        .withKey(UNINITIALIZED)
                        .withValue("true")
                        .withEffect("NoSchedule")
                        .build());
        return name;
    }

    private void await(String what, String node, Predicate<Node> condition) throws InterruptedException {
        TestCluster.await(what, () -> {
            Node found = nodes.get(node);
            return found != null && condition.test(found);
        });
    }

    private static boolean has(Node node, String address) {
        return node.getStatus() != null
                && OrEmpty.of(node.getStatus().getAddresses()).stream()
                        .anyMatch(each -> each.getAddress().equals(address));
    }

    private static String instance(String name, String address, String more) {
        return """
            - name: %s
              instanceType: r640
              zone: rack-1
              region: berlin
              addresses: [{type: InternalIP, address: %s}]
            %s\
            """.formatted(name, address, more);
    }

    @Test
    void aNodeIsInitializedAndItsAddressesFollowTheFile() throws Exception {
        String name = uninitialized();
        cluster.client()
                .nodes()
                .withName(name)
                .editStatus(node -> new NodeBuilder(node)
                        .editOrNewStatus()
                        .withAddresses(new NodeAddress(name, "Hostname"))
                        .endStatus()
                        .build());
        write("instances: []\n");
        cluster.run(CloudNodeController.descriptor(cloud(), SETTINGS).orElseThrow());
        write("instances:\n" + instance(name, "10.0.0.1", ""));
        await("it is initialized", name, node -> !nodes.hasTaint(name, UNINITIALIZED, "NoSchedule"));
        await("it has its address", name, node -> has(node, "10.0.0.1") && has(node, name));
        Node node = nodes.get(name);
        assertNotNull(node);
        assertEquals("file://" + name, node.getSpec().getProviderID());
        Map<String, String> labels = node.getMetadata().getLabels();
        assertEquals("rack-1", labels.get("topology.kubernetes.io/zone"));
        assertEquals("rack-1", labels.get("failure-domain.beta.kubernetes.io/zone"));
        assertEquals("berlin", labels.get("topology.kubernetes.io/region"));
        assertEquals("r640", labels.get("node.kubernetes.io/instance-type"));
        write("instances:\n" + instance(name, "10.0.0.2", ""));
        await("it has its new address", name, found -> has(found, "10.0.0.2") && !has(found, "10.0.0.1"));
    }

    @Test
    void aNodeWhoseMachineIsShutDownIsTaintedAndOneWhoseMachineIsGoneIsDeleted() throws Exception {
        String down = nodes.create(Map.of());
        String gone = nodes.create(Map.of());
        String kept = nodes.create(Map.of("node.kubernetes.io/exclude-from-lifecycle-management", ""));
        String ready = nodes.create(Map.of());
        nodes.post(ready, "Ready", "True", Instant.now());
        nodes.post(down, "Ready", "Unknown", Instant.now());
        write("instances:\n" + instance(down, "10.0.0.1", "  state: Stopped\n"));
        cluster.run(CloudNodeLifecycleController.descriptor(cloud(), SETTINGS).orElseThrow());
        await("it is tainted", down, node -> nodes.hasTaint(down, SHUTDOWN, "NoSchedule"));
        TestCluster.await("it is deleted", () -> nodes.get(gone) == null);
        assertNotNull(nodes.get(kept), "it is excluded");
        assertNotNull(nodes.get(ready), "a node that is ready has a machine");
        TestCluster.await(
                "an event tells of it",
                () -> cluster.client().v1().events().inNamespace("default").list().getItems().stream()
                        .anyMatch(event -> "DeletingNode".equals(event.getReason())
                                && ("Deleting node " + gone + " because it does not exist in the cloud provider")
                                        .equals(event.getMessage())));
        nodes.post(down, "Ready", "True", Instant.now());
        await("it is back", down, node -> !nodes.hasTaint(down, SHUTDOWN, "NoSchedule"));
    }

    @Test
    void howeverOftenTheProcessDiesANodeIsInitializedWhole() throws Exception {
        String first = uninitialized();
        String second = uninitialized();
        write("instances:\n" + instance(first, "10.0.0.1", "") + instance(second, "10.0.0.2", ""));
        Crashes crashes = new Crashes(
                cluster, 5, CloudNodeController.descriptor(cloud(), SETTINGS).orElseThrow());
        int deaths = crashes.until(
                "both are initialized", 1, () -> isWhole(first, "10.0.0.1") && isWhole(second, "10.0.0.2"));
        assertTrue(deaths >= 1, "no life ended by dying");
    }

    private boolean isWhole(String name, String address) {
        Node node = nodes.get(name);
        return node != null && !nodes.hasTaint(name, UNINITIALIZED, "NoSchedule") && has(node, address);
    }

    private static String network(Node node) {
        return node.getStatus() == null
                ? ""
                : OrEmpty.of(node.getStatus().getConditions()).stream()
                        .filter(condition -> condition.getType().equals("NetworkUnavailable"))
                        .map(NodeCondition::getReason)
                        .findFirst()
                        .orElse("");
    }

    @Test
    void aNodeSaysWhetherTheFileHasARouteToItsPods() throws Exception {
        String name = nodes.create(Map.of());
        nodes.edit(
                name,
                node -> new NodeBuilder(node)
                        .editOrNewSpec()
                        .withPodCIDR("10.244.1.0/24")
                        .withPodCIDRs("10.244.1.0/24")
                        .endSpec()
                        .build());
        nodes.post(name, "Ready", "True", Instant.now());
        write("routes: []\n");
        NodeRouteSettings settings =
                NodeRouteSettings.of("kubernetes", List.of("10.244.0.0/16"), Duration.ofMillis(100));
        cluster.run(NodeRouteController.descriptor(cloud().routes().orElseThrow(), settings));
        await("there is none", name, node -> network(node).equals("NoRouteCreated"));
        TestCluster.await(
                "an event tells what to do",
                () -> cluster.client().v1().events().inNamespace("default").list().getItems().stream()
                        .anyMatch(event -> "FailedToCreateRoute".equals(event.getReason())
                                && event.getMessage()
                                        .contains("set up a route to 10.244.1.0/24 by way of node " + name)));
        write("routes:\n- {node: " + name + ", destination: 10.244.1.0/24}\n");
        await("there is one", name, node -> network(node).equals("RouteCreated"));
        Node node = nodes.get(name);
        assertNotNull(node);
        assertEquals(
                1,
                node.getStatus().getConditions().stream()
                        .filter(condition -> condition.getType().equals("Ready"))
                        .count(),
                "other conditions stay");
    }
}
