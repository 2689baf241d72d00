package io.keelson.agent.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
@Timeout(60)
class NetworkRemainsTest {
    @TempDir
    private Path state;

    private final Namespaces namespaces = new Namespaces();
    private Path node;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/nft")), "nft is not there");
        node = namespaces.add();
        Namespaces.in(node, "ip", "link", "set", "lo", "up");
    }

    @AfterEach
    void close() throws Exception {
        namespaces.close();
    }

    private void attach(String id) throws Exception {
        BridgeSettings settings = new BridgeSettings(state, BridgeSettings.BRIDGE, 0, node);
        try (BridgeNetwork network = new BridgeNetwork(settings, () -> List.of("10.244.7.0/24"))) {
            network.add(SandboxAttachment.of(id, namespaces.add()));
        }
    }

    @Test
    void whatANodeLeftGoesAndWhatOthersHaveStays() throws Exception {
        attach("one");
        Namespaces.in(node, "ip", "link", "add", "klein", "type", "bridge");
        Namespaces.in(node, "ip", "link", "add", "keelson-local", "type", "bridge");
        Namespaces.in(node, "nft", "add", "table", "ip", "keelson-proxy");
        Namespaces.in(node, "nft", "add", "table", "ip", "mine");
        Namespaces.in(
                node,
                "ip",
                "route",
                "add",
                "10.244.9.0/24",
                "via",
                "10.244.7.9",
                "dev",
                "keelson0",
                "proto",
                "107",
                "onlink");
        Namespaces.in(node, "ip", "route", "add", "10.245.0.0/24", "dev", "lo");
        try (NetworkRemains remains = new NetworkRemains(node)) {
            assertEquals(List.of(NetworkRemains.port("one")), remains.ports());
            assertEquals(List.of("keelson-local", "keelson0"), remains.links());
            assertEquals(List.of("10.244.9.0/24"), remains.routes());
            assertEquals(List.of("inet keelson-network", "ip keelson-proxy"), remains.tables());
            List<String> tables = remains.tables();
            // Also when all of it is gone already.
            for (int i = 0; i < 2; i++) {
                remains.removeRoutes();
                remains.removeLink(NetworkRemains.port("one"));
                remains.removeLink("keelson0");
                remains.removeLink("keelson-local");
                remains.removeTables(tables);
            }
            assertEquals(List.of(), remains.ports());
            assertEquals(List.of(), remains.links());
            assertEquals(List.of(), remains.routes());
            assertEquals(List.of(), remains.tables());
            assertThrows(IllegalArgumentException.class, () -> remains.removeLink("klein"));
            assertThrows(IllegalArgumentException.class, () -> remains.removeTables(List.of("ip mine")));
        }
        assertTrue(Namespaces.in(node, "ip", "-o", "link").contains(": klein"));
        assertEquals("table ip mine\n", Namespaces.in(node, "nft", "list", "tables"));
        assertTrue(Namespaces.in(node, "ip", "route").contains("10.245.0.0/24"));
    }
}
