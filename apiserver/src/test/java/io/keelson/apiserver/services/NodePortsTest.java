package io.keelson.apiserver.services;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.store.EtcdStore;
import io.keelson.apiserver.store.StoreOptions;
import io.keelson.apiserver.store.StoredValue;
import io.keelson.apiserver.store.TestEtcd;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ports in the store, as others write and read them. */
final class NodePortsTest {
    private static final String KEY = "/registry/ranges/servicenodeports";

    @Test
    void writesAndReadsTheValueOfAKubeApiserver(@TempDir Path folder) throws Exception {
        try (TestEtcd etcd = TestEtcd.embedded(folder);
                EtcdStore store = new EtcdStore(etcd.channel(), StoreOptions.DEFAULT)) {
            // k8s\0, a type of v1 RangeAllocation, and in it: metadata { name and the like, all empty }, range, data.
            PortRange range = new PortRange(30_000, 12);
            NodePorts ports = new NodePorts(store, "/registry", range);
            ports.take(30_001);
            ports.take(30_009);
            StoredValue written = store.get(KEY);
            assertNotNull(written);
            String hex = HexFormat.of().formatHex(written.bytes());
            assertTrue(hex.startsWith("6b387300"), hex);
            String rangeField = "120b" + HexFormat.of().formatHex("30000-30011".getBytes(StandardCharsets.UTF_8));
            assertTrue(hex.contains(rangeField + "1a020202"), hex);

            assertTrue(new NodePorts(store, "/registry", range).has(30_009));
            assertThrows(CannotAllocateException.class, () -> ports.take(30_001));
            assertThrows(CannotAllocateException.class, () -> ports.take(30_012));
            ports.giveBack(30_001);
            assertFalse(ports.has(30_001));
            for (int i = 0; i < 11; i++) {
                assertTrue(ports.takeAny() != 0);
            }
            assertEquals(
                    "range is full",
                    assertThrows(CannotAllocateException.class, ports::takeAny).message());
        }
    }

    @Test
    void leavesTheRangeOfOthersAlone(@TempDir Path folder) throws Exception {
        try (TestEtcd etcd = TestEtcd.embedded(folder);
                EtcdStore store = new EtcdStore(etcd.channel(), StoreOptions.DEFAULT)) {
            new NodePorts(store, "/registry", new PortRange(30_000, 12)).take(30_001);
            NodePorts other = new NodePorts(store, "/registry", new PortRange(31_000, 12));
            assertEquals(
                    "Internal error occurred: the provided range does not match the current range",
                    assertThrows(ApiException.class, other::takeAny).message());
        }
    }

    @Test
    void saysThatAValueCannotBeRead(@TempDir Path folder) throws Exception {
        try (TestEtcd etcd = TestEtcd.embedded(folder);
                EtcdStore store = new EtcdStore(etcd.channel(), StoreOptions.DEFAULT)) {
            assertTrue(store.create(KEY, "nonsense".getBytes(StandardCharsets.UTF_8), 0) != 0);
            NodePorts ports = new NodePorts(store, "/registry", PortRange.DEFAULT);
            assertThrows(ApiException.class, ports::takeAny);
        }
    }
}
