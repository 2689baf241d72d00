package io.keelson.agent.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.agent.network.SandboxAttachment.Dns;
import io.keelson.agent.network.SandboxAttachment.PortMap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CniNetworkTest {
    private static final String RESULT = "{\"cniVersion\":\"1.0.0\",\"interfaces\":[{\"name\":\"br\"},"
            + "{\"name\":\"eth0\",\"sandbox\":\"/n\"}],\"ips\":[{\"address\":\"10.9.0.1/24\",\"interface\":0},"
            + "{\"address\":\"10.9.0.7/24\",\"interface\":1},{\"address\":\"fd00::7/64\",\"interface\":1}]}";

    @TempDir
    private Path folder;

    private Path configurations;
    private Path plugins;
    private Path log;

    @BeforeEach
    void makeFolders() throws IOException {
        configurations = Files.createDirectory(folder.resolve("net.d"));
        plugins = Files.createDirectory(folder.resolve("bin"));
        log = folder.resolve("log");
        Files.writeString(log, "");
    }

    private CniNetwork network(Duration time) {
        return new CniNetwork(
                configurations,
                List.of(folder.resolve("missing"), plugins),
                folder.resolve("results"),
                () -> List.of("10.9.0.0/24"),
                List.of(),
                time);
    }

    private CniNetwork network() {
        return network(Duration.ofSeconds(20));
    }

    /** A plugin that writes down what it is told, and then does what a script does. */
    private void plugin(String name, String script) throws IOException {
        Path file = plugins.resolve(name);
        Files.writeString(file, """
                #!/bin/sh
                input=$(cat)
                printf '%s %s %s %s %s %s\\n' "@NAME@" "$CNI_COMMAND" "$CNI_CONTAINERID" "$CNI_IFNAME" "$CNI_ARGS" "$input" >> @LOG@
                """.replace("@NAME@", name).replace("@LOG@", log.toString()) + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void adding(String name, String result) throws IOException {
        plugin(name, "[ \"$CNI_COMMAND\" = ADD ] && echo '" + result + "'\nexit 0");
    }

    private void configure(String file, String text) throws IOException {
        Files.writeString(configurations.resolve(file), text);
    }

    private static SandboxAttachment sandbox(String id) {
        return new SandboxAttachment(
                id,
                Path.of("/run/netns/none"),
                "shop",
                "web-1",
                "uid-1",
                Map.of("kubernetes.io/ingress-bandwidth", "10M"),
                List.of(new PortMap("tcp", "", 80, 8080)),
                "/kubepods/pod1",
                new Dns(List.of("10.96.0.10"), List.of("svc.cluster.local"), List.of()));
    }

    private List<String> calls() throws IOException {
        List<String> calls = new ArrayList<>();
        for (String line : Files.readAllLines(log, StandardCharsets.UTF_8)) {
            String[] words = line.split(" ", 3);
            calls.add(words[0] + ' ' + words[1]);
        }
        Files.writeString(log, "");
        return calls;
    }

    private JsonNode input(int call) throws IOException {
        String line = Files.readAllLines(log, StandardCharsets.UTF_8).get(call);
        return CniConfiguration.JSON.readTree(line.substring(line.indexOf('{')));
    }

    private void twoPlugins() throws IOException {
        configure("10-net.conflist", """
                {"cniVersion":"1.0.0","name":"net","plugins":[
                  {"type":"first","capabilities":{"ipRanges":true,"dns":true},"mtu":1400},
                  {"type":"second","capabilities":{"portMappings":true,"bandwidth":true,"other":true}}]}
                """);
        adding("first", RESULT);
        adding("second", RESULT);
    }

    @Test
    void pluginsRunInOrderAndBackwards() throws Exception {
        twoPlugins();
        assertEquals(List.of("10.9.0.7", "fd00::7"), network().add(sandbox("a")).addresses());
        JsonNode first = input(0);
        assertEquals(1400, first.path("mtu").asInt());
        assertEquals("net", first.path("name").asText());
        assertFalse(first.has("prevResult"));
        assertFalse(first.has("capabilities"));
        assertEquals(
                "{\"dns\":{\"servers\":[\"10.96.0.10\"],\"searches\":[\"svc.cluster.local\"]},"
                        + "\"ipRanges\":[[{\"subnet\":\"10.9.0.0/24\"}]]}",
                first.path("runtimeConfig").toString());
        JsonNode second = input(1);
        assertEquals(CniConfiguration.JSON.readTree(RESULT), second.path("prevResult"));
        assertEquals(
                10_000_000,
                second.path("runtimeConfig")
                        .path("bandwidth")
                        .path("ingressRate")
                        .asLong());
        assertEquals(
                8080,
                second.path("runtimeConfig")
                        .path("portMappings")
                        .path(0)
                        .path("containerPort")
                        .asInt());
        String line = Files.readString(log).lines().findFirst().orElse("");
        assertTrue(
                line.contains("first ADD a eth0 IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web-1;"
                        + "K8S_POD_INFRA_CONTAINER_ID=a;K8S_POD_UID=uid-1"),
                line);
        assertEquals(List.of("first ADD", "second ADD"), calls());
        network().check(sandbox("a"));
        assertEquals(List.of("first CHECK", "second CHECK"), calls());
        network().remove(sandbox("a"));
        assertEquals(CniConfiguration.JSON.readTree(RESULT), input(0).path("prevResult"));
        assertEquals(List.of("second DEL", "first DEL"), calls());
        network().remove(sandbox("a"));
        assertEquals(List.of("second DEL", "first DEL"), calls(), "once more, though nothing is known of it");
    }

    @Test
    void resultsAreKeptAsLibcniKeepsThemAndUsedAfterTheConfigurationChanged() throws Exception {
        twoPlugins();
        network().add(sandbox("a"));
        JsonNode kept = CniConfiguration.JSON.readTree(Files.readString(folder.resolve("results/net-a-eth0")));
        assertEquals("cniCacheV1", kept.path("kind").asText());
        assertEquals("a", kept.path("containerId").asText());
        assertEquals("net", kept.path("networkName").asText());
        assertEquals("[\"IgnoreUnknown\",\"1\"]", kept.path("cniArgs").path(0).toString());
        assertEquals(RESULT, kept.path("result").toString());
        assertEquals(
                "net",
                CniConfiguration.JSON
                        .readTree(kept.path("config").binaryValue())
                        .path("name")
                        .asText());
        calls();
        Files.delete(configurations.resolve("10-net.conflist"));
        network().remove(sandbox("a"));
        assertEquals(List.of("second DEL", "first DEL"), calls());
        assertFalse(Files.exists(folder.resolve("results/net-a-eth0")));
        network().remove(sandbox("a"));
    }

    @Test
    void whatFailsIsUndoneAndToldWithTheWordsOfThePlugin() throws Exception {
        twoPlugins();
        plugin(
                "second",
                "[ \"$CNI_COMMAND\" = ADD ] && echo '{\"code\":7,\"msg\":\"bad network\",\"details\":\"no port\"}'"
                        + " && exit 1\nexit 0");
        NetworkProblem problem =
                assertThrows(NetworkProblem.class, () -> network().add(sandbox("a")));
        assertEquals("plugin type=\"second\" failed (add): bad network; no port", problem.getMessage());
        assertEquals(List.of("first ADD", "second ADD", "second DEL", "first DEL"), calls());
        assertFalse(Files.exists(folder.resolve("results/net-a-eth0")));
    }

    private String refusal(CniNetwork network) {
        return String.valueOf(assertThrows(NetworkProblem.class, () -> network.add(sandbox("a")))
                .getMessage());
    }

    @Test
    void pluginsThatSayNonsenseAreTold() throws Exception {
        configure("a.conf", "{\"cniVersion\":\"0.4.0\",\"name\":\"net\",\"type\":\"wild\"}");
        adding("wild", "{\"ips\":");
        assertTrue(refusal(network()).contains("no JSON"));
        adding("wild", "[]");
        assertTrue(refusal(network()).contains("no JSON object"));
        adding("wild", "{\"ips\":[{\"address\":\"10.9.0.999/24\"}]}");
        assertTrue(refusal(network()).contains("10.9.0.999"));
        adding("wild", "{\"ips\":[]}");
        assertTrue(refusal(network()).contains("no address"));
        adding("wild", "");
        assertTrue(refusal(network()).contains("said nothing"));
        plugin("wild", "echo broken >&2; exit 3");
        assertEquals(
                "plugin type=\"wild\" failed (add): netplugin failed with no error message: broken",
                refusal(network()));
        plugin("wild", "echo '<html>'; exit 1");
        assertTrue(refusal(network()).contains("error parsing its diagnostic message \"<html>\""));
        Files.delete(plugins.resolve("wild"));
        assertTrue(refusal(network()).contains("failed to find plugin \"wild\""));
    }

    @Test
    void aPluginThatHangsIsKilledWithAllThatItStarted() throws Exception {
        configure("a.conf", "{\"cniVersion\":\"0.4.0\",\"name\":\"net\",\"type\":\"slow\"}");
        plugin("slow", "[ \"$CNI_COMMAND\" = ADD ] || exit 0\nsleep 654321 & sleep 654321");
        assertTrue(refusal(network(Duration.ofMillis(700))).contains("did not end within 700 ms"));
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (sleepers() > 0) {
            assertTrue(System.nanoTime() < end, "they sleep on");
            Thread.sleep(20);
        }
    }

    private static long sleepers() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains("654321"))
                .count();
    }

    @Test
    void aPluginThatTalksWithoutEndIsKilled() throws Exception {
        configure("a.conf", "{\"cniVersion\":\"0.4.0\",\"name\":\"net\",\"type\":\"loud\"}");
        plugin("loud", "[ \"$CNI_COMMAND\" = ADD ] && exec yes\nexit 0");
        assertTrue(refusal(network()).contains("said more than"));
    }

    @Test
    void whoeverKeepsThePipeOpenIsNotWaitedFor() throws Exception {
        configure("a.conf", "{\"cniVersion\":\"0.4.0\",\"name\":\"net\",\"type\":\"daemon\"}");
        plugin("daemon", "[ \"$CNI_COMMAND\" = ADD ] || exit 0\n(setsid sleep 5 &)\necho '" + RESULT + "'");
        long begin = System.nanoTime();
        assertEquals("10.9.0.7", network().add(sandbox("a")).addresses().getFirst());
        assertTrue(System.nanoTime() - begin < Duration.ofSeconds(4).toNanos());
    }

    @Test
    void theFirstFileThatMakesSenseIsTaken() throws Exception {
        assertTrue(network().problem().orElse("").contains("no network config found in"));
        configure("00-broken.conflist", "{");
        configure("05-list.conflist", "{\"name\":\"x\",\"plugins\":[]}");
        configure("06-path.conf", "{\"name\":\"x\",\"type\":\"../../bin/sh\"}");
        configure("07-name.conf", "{\"name\":\"../x\",\"type\":\"a\"}");
        configure("08-new.conf", "{\"cniVersion\":\"7.0.0\",\"name\":\"x\",\"type\":\"a\"}");
        configure("09-other.txt", "{\"name\":\"x\",\"type\":\"a\"}");
        configure("20-old.json", "{\"name\":\"old\",\"type\":\"a\"}");
        configure("30-late.conf", "{\"name\":\"late\",\"type\":\"a\"}");
        CniConfiguration first = CniConfiguration.first(configurations).orElseThrow();
        assertEquals("old", first.name());
        assertEquals(CniVersion.V0_1_0, first.version());
        assertEquals("", network().problem().orElse(""));
    }

    @Test
    void resultsOfOldPluginsAreUnderstood() throws Exception {
        configure("a.conf", "{\"cniVersion\":\"0.2.0\",\"name\":\"net\",\"type\":\"old\"}");
        adding("old", "{\"cniVersion\":\"0.2.0\",\"ip4\":{\"ip\":\"10.9.0.7/24\"},\"ip6\":{\"ip\":\"fd00::7/64\"}}");
        assertEquals(List.of("10.9.0.7", "fd00::7"), network().add(sandbox("a")).addresses());
        calls();
        network().check(sandbox("a"));
        assertEquals(List.of(), calls(), "there was no CHECK then");
        network().remove(sandbox("a"));
        assertFalse(input(0).has("prevResult"));
    }

    @Test
    void theNewestVersionThatBothKnowIsSpoken() throws Exception {
        CniConfiguration both = CniConfiguration.parse("{\"cniVersion\":\"0.4.0\",\"cniVersions\":[\"0.3.1\",\"1.1.0\","
                + "\"9.9.9\"],\"name\":\"net\",\"type\":\"a\"}");
        assertEquals(CniVersion.V1_1_0, both.version());
    }

    @Test
    void garbageIsCollectedAndPluginsAreToldWhatIsThere() throws Exception {
        configure("a.conflist", "{\"cniVersion\":\"1.1.0\",\"name\":\"net\",\"plugins\":[{\"type\":\"a\"}]}");
        adding("a", RESULT);
        network().add(sandbox("one"));
        network().add(sandbox("two"));
        Files.writeString(folder.resolve("results/net-bad-eth0"), "{\"kind\":");
        calls();
        network().collect(Set.of("two", "three"));
        assertEquals(
                "[{\"containerID\":\"three\",\"ifname\":\"eth0\"},{\"containerID\":\"two\",\"ifname\":\"eth0\"}]",
                input(1).path("cni.dev/valid-attachments").toString());
        assertEquals(List.of("a DEL", "a GC"), calls());
        plugin("a", "[ \"$CNI_COMMAND\" = STATUS ] && echo '{\"code\":50,\"msg\":\"not yet\"}' && exit 1\nexit 0");
        assertEquals(
                "plugin type=\"a\" failed (status): not yet",
                network().problem().orElse(""));
    }

    @Test
    void aBandwidthThatIsNoneIsRefused() throws Exception {
        twoPlugins();
        SandboxAttachment wrong = new SandboxAttachment(
                "a",
                Path.of("/n"),
                "shop",
                "web",
                "u",
                Map.of("kubernetes.io/egress-bandwidth", "lots"),
                List.of(),
                "",
                Dns.NONE);
        NetworkProblem problem =
                assertThrows(NetworkProblem.class, () -> network().add(wrong));
        assertTrue(String.valueOf(problem.getMessage()).contains("egress-bandwidth=lots"), problem::getMessage);
        network().remove(wrong);
        for (String id : List.of("", "../a", "a b", "a".repeat(300))) {
            assertThrows(IllegalArgumentException.class, () -> SandboxAttachment.of(id, null), id);
        }
    }

    @Test
    @Tag("root")
    void debiansPluginsMakeANetworkAndLeaveNothing() throws Exception {
        Path debian = Path.of("/usr/lib/cni");
        assumeTrue(Files.isExecutable(debian.resolve("bridge")), "containernetworking-plugins are not there");
        configure("10-real.conflist", """
                {"cniVersion":"1.0.0","name":"real","plugins":[
                  {"type":"bridge","bridge":"cni0","isGateway":true,"hairpinMode":true,"ipam":{"type":"host-local",
                   "dataDir":"DATA","ranges":[[{"subnet":"10.77.0.0/24"}]],"routes":[{"dst":"0.0.0.0/0"}]}},
                  {"type":"tuning","sysctl":{"net.ipv4.conf.eth0.arp_notify":"1"}}]}
                """.replace("DATA", folder.resolve("ipam").toString()));
        try (Namespaces namespaces = new Namespaces()) {
            Path node = namespaces.add();
            Path one = namespaces.add();
            Path other = namespaces.add();
            CniNetwork network = new CniNetwork(
                    configurations,
                    List.of(debian),
                    folder.resolve("results"),
                    List::of,
                    new NetworkNamespace(node).prefix(),
                    Duration.ofSeconds(30));
            assertTrue(network.versions("bridge").contains("1.0.0"));
            SandboxAttachment first = SandboxAttachment.of("one", one);
            assertEquals(List.of("10.77.0.2"), network.add(first).addresses());
            SandboxAttachment second = SandboxAttachment.of("other", other);
            assertEquals(List.of("10.77.0.3"), network.add(second).addresses());
            namespaces.serve(other, 8080);
            assertEquals("10.77.0.2", Namespaces.ask(one, "10.77.0.3", 8080));
            network.check(first);
            Namespaces.in(one, "ip", "addr", "flush", "dev", "eth0");
            assertThrows(NetworkProblem.class, () -> network.check(first));
            network.remove(first);
            network.remove(first);
            network.collect(Set.of());
            assertFalse(Namespaces.in(node, "ip", "-o", "link").contains("veth"));
            try (Stream<Path> left = Files.list(folder.resolve("results"))) {
                assertEquals(List.of(), left.toList());
            }
            try (Stream<Path> left = Files.list(folder.resolve("ipam/real"))) {
                assertEquals(
                        List.of(),
                        left.map(file -> String.valueOf(file.getFileName()))
                                .filter(name -> name.startsWith("10."))
                                .toList());
            }
        }
    }
}
