package io.keelson.cloud.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.keelson.cloud.CloudException;
import io.keelson.controllers.config.ConfigException;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InventoryTest {
    private static final String HEAD = "apiVersion: cloud.keelson.io/v1\nkind: FileCloud\n";

    private static Inventory parse(String rest) throws ConfigException {
        return Inventory.parse("cloud.yaml", (HEAD + rest).getBytes(StandardCharsets.UTF_8));
    }

    private static Node node(String name, String providerId) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withProviderID(providerId)
                .endSpec()
                .build();
    }

    private static void refused(String expected, String rest) {
        ConfigException refusal = assertThrows(ConfigException.class, () -> parse(rest));
        String message = String.valueOf(refusal.getMessage());
        assertTrue(message.startsWith(expected), () -> message + " does not begin with " + expected);
    }

    @Test
    void machinesAndRoutesAreRead() throws ConfigException {
        Inventory inventory = parse("""
            instances:
            - name: a
              providerID: rack://1/a
              instanceType: r640
              zone: rack-1
              region: berlin
              state: Stopped
              addresses:
              - {type: InternalIP, address: 10.0.0.1}
              - {type: Hostname, address: a.example}
              labels: {example.com/height: "12"}
            - name: b
            routes:
            - {node: a, destination: 10.244.1.0/24}
            - {node: b, destination: fd00:244:2::/64}
            """);
        Machine a = inventory.find(node("whatever", "rack://1/a"));
        assertEquals(
                new Machine(
                        "a",
                        "rack://1/a",
                        "r640",
                        "rack-1",
                        "berlin",
                        List.of(new NodeAddress("10.0.0.1", "InternalIP"), new NodeAddress("a.example", "Hostname")),
                        Map.of("example.com/height", "12"),
                        false),
                a);
        Machine b = inventory.find(node("b", ""));
        assertNotNull(b);
        assertEquals("file://b", b.providerId());
        assertTrue(b.running());
        assertNull(inventory.find(node("b", "rack://1/b")), "another machine of that name");
        assertNull(inventory.find(node("c", "")));
        assertEquals(
                List.of(new Inventory.Way("a", "10.244.1.0/24", 16), new Inventory.Way("b", "fd00:244:2::/64", 17)),
                List.copyOf(inventory.ways()));
    }

    @Test
    void anEmptyInventoryIsOne() throws ConfigException {
        assertNull(parse("").find(node("a", "")));
        assertTrue(parse("instances: []\nroutes:").ways().isEmpty());
    }

    @Test
    void eachMistakeIsToldWithItsLine() {
        refused("cloud.yaml:4: instances[0]: the field \"name\" is missing", "instances:\n- zone: a");
        refused("cloud.yaml:5: instances[1].name: there is an instance a already", "instances:\n- name: a\n- name: a");
        refused("cloud.yaml:4: instances[0].name: must be the name of a Node", "instances:\n- name: A_b");
        refused("cloud.yaml:4: instances[0].name: must be a text", "instances:\n- name: [a]");
        refused(
                "cloud.yaml:7: instances[1].providerID: must be another one",
                "instances:\n- name: a\n  providerID: x\n- name: b\n  providerID: x");
        refused("cloud.yaml:5: instances[0].state: must be one of", "instances:\n- name: a\n  state: off");
        refused("cloud.yaml:5: instances[0].zone: must be the value of a label", "instances:\n- name: a\n  zone: a b");
        refused(
                "cloud.yaml:6: instances[0].addresses[0].address: must be an IP address, not \"10.0.0.300\"",
                "instances:\n- name: a\n  addresses:\n  - {type: InternalIP, address: 10.0.0.300}");
        refused(
                "cloud.yaml:6: instances[0].addresses[0].type: must be one of",
                "instances:\n- name: a\n  addresses:\n  - {type: IP, address: 10.0.0.3}");
        refused("cloud.yaml:5: instances[0].labels: a b:  is no label", "instances:\n- name: a\n  labels: {a b: ''}");
        refused("cloud.yaml:5: instances[0]: there is no field \"color\"", "instances:\n- name: a\n  color: blue");
        refused("cloud.yaml:4: routes[0]: must have fields", "routes:\n- a");
        refused("cloud.yaml:4: routes[0].destination: must be a range", "routes:\n- {node: a, destination: 10.0.0.1}");
        refused(
                "cloud.yaml:4: routes[0].destination: must be a range",
                "routes:\n- {node: a, destination: 10.0.0.1/8}");
        refused(
                "cloud.yaml:5: routes[1].destination: there is a route to 10.0.0.0/8 already",
                "routes:\n- {node: a, destination: 10.0.0.0/8}\n- {node: b, destination: 10.0.0.0/8}");
    }

    private static void put(Path file, String text) throws IOException {
        Path beside = file.resolveSibling("next");
        Files.writeString(beside, text);
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void aNewVersionIsTakenAndOneWithAMistakeIsNot(@TempDir Path folder)
            throws IOException, ConfigException, InterruptedException {
        Path file = folder.resolve("cloud.yaml");
        put(file, HEAD + "instances: [{name: a}]");
        try (WatchedFile watched = new WatchedFile(file, Duration.ofMillis(5))) {
            assertNotNull(watched.inventory().find(node("a", "")));
            put(file, HEAD + "instances: [{name: b}]");
            TestCluster.await(
                    "the new version is known", () -> watched.inventory().find(node("b", "")) != null);
            put(file, HEAD + "instances: [{name: c}, {name: c}]");
            TestCluster.await("the mistake was seen", () -> watched.complaint().contains("an instance c already"));
            assertNotNull(watched.inventory().find(node("b", "")), "what was known holds on");
            Files.delete(file);
            TestCluster.await(
                    "that it is gone was seen", () -> watched.complaint().contains("cannot be read"));
            assertNotNull(watched.inventory().find(node("b", "")), "what was known holds on");
            put(file, HEAD + "instances: [{name: d}]");
            TestCluster.await("it is right again", () -> watched.inventory().find(node("d", "")) != null);
            assertEquals("", watched.complaint());
        }
        put(file, "kind: FileCloud");
        assertThrows(ConfigException.class, () -> new WatchedFile(file, Duration.ofMillis(5)));
    }

    @Test
    void halfAFileThatIsBeingWrittenIsNoVersion(@TempDir Path folder) throws IOException, ConfigException {
        Path file = folder.resolve("cloud.yaml");
        String whole = HEAD + "instances:\n- name: a\n- name: b\n";
        Files.writeString(file, whole);
        try (WatchedFile watched = new WatchedFile(file, Duration.ofDays(1))) {
            watched.look();
            assertTrue(watched.isSure());
            // A writer that does not put it beside and rename it, but empties it and fills it again.
            for (int length = HEAD.length(); length < whole.length(); length++) {
                Files.writeString(file, whole.substring(0, length));
                watched.look();
                assertNotNull(watched.inventory().find(node("b", "")), "after " + length + " characters");
            }
            Files.writeString(file, whole);
            watched.look();
            watched.look();
            assertEquals("", watched.complaint());
            Files.writeString(file, HEAD + "instances:\n- name: a\n");
            watched.look();
            assertNotNull(watched.inventory().find(node("b", "")));
            watched.look();
            assertNull(watched.inventory().find(node("b", "")), "it stayed so");
        }
    }

    @Test
    void aMachineThatTheFirstLookDidNotFindIsNotGoneYet(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("cloud.yaml");
        Files.writeString(file, HEAD + "instances:\n- name: a\n");
        try (FileCloud unsure = new FileCloud(file, Duration.ofDays(1));
                FileCloud sure = new FileCloud(file, Duration.ofMillis(5))) {
            assertTrue(unsure.instances().orElseThrow().exists(node("a", "")));
            assertThrows(
                    CloudException.class, () -> unsure.instances().orElseThrow().exists(node("b", "")));
            TestCluster.await("it is sure", () -> isGone(sure, "b"));
        }
    }

    private static boolean isGone(FileCloud cloud, String name) {
        try {
            return !cloud.instances().orElseThrow().exists(node(name, ""));
        } catch (CloudException e) {
            return false;
        }
    }

    @Test
    void aFileThatIsAnotherOneEachTimeIsComplainedAbout(@TempDir Path folder) throws IOException, ConfigException {
        Path file = folder.resolve("cloud.yaml");
        Files.writeString(file, HEAD + "instances: [{name: a}]");
        try (WatchedFile watched = new WatchedFile(file, Duration.ofDays(1))) {
            for (int i = 0; i < 40; i++) {
                Files.writeString(file, HEAD + "instances: [{name: n" + i + "}]");
                watched.look();
            }
            assertTrue(watched.complaint().contains("another one each time"), watched.complaint());
            assertNotNull(watched.inventory().find(node("a", "")));
            watched.look();
            assertEquals("", watched.complaint());
            assertNotNull(watched.inventory().find(node("n39", "")));
        }
    }

    @Test
    void aFileThatIsTooLargeIsRefused(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("large.yaml");
        Files.write(file, new byte[(8 << 20) + 1]);
        ConfigException refusal =
                assertThrows(ConfigException.class, () -> new WatchedFile(file, Duration.ofMillis(5)));
        assertTrue(String.valueOf(refusal.getMessage()).endsWith("larger than 8 MiB, which is not taken"));
    }
}
