package io.keelson.proxy.nft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keelson.agent.netlink.NetlinkRequests;
import io.keelson.agent.netlink.NetlinkSocket;
import io.keelson.agent.network.EmptyNetwork;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("root")
final class OwnTablesTest {
    private static final int INET = 1;
    private static final int IPV4 = 2;

    private static void make(NetlinkSocket socket, int family, String name) throws Exception {
        KernelTable table = new KernelTable(new NetlinkRequests(socket), family, name);
        Batch batch = table.batch();
        batch.addTable();
        batch.addChain("chain");
        table.write(batch);
    }

    private static boolean isThere(NetlinkSocket socket, int family, String name) throws Exception {
        return new KernelTable(new NetlinkRequests(socket), family, name).observe(Set.of()) != null;
    }

    @Test
    void tablesOfOursAreFoundInAllFamiliesAndGo() throws Exception {
        var _ = EmptyNetwork.call(() -> {
            try (NetlinkSocket socket = new NetlinkSocket(NetlinkSocket.NETFILTER)) {
                OwnTables tables = new OwnTables(socket);
                assertEquals(List.of(), tables.list());
                make(socket, INET, "keelson-network");
                make(socket, IPV4, "keelson-proxy");
                make(socket, IPV4, "mine");
                List<OwnTables.Table> found = tables.list();
                assertEquals(
                        List.of("inet keelson-network", "ip keelson-proxy"),
                        found.stream().map(OwnTables.Table::toString).sorted().toList());
                for (OwnTables.Table table : found) {
                    tables.remove(table);
                    tables.remove(table);
                }
                assertEquals(List.of(), tables.list());
                assertThrows(IllegalArgumentException.class, () -> tables.remove(new OwnTables.Table(IPV4, "mine")));
                assertEquals(true, isThere(socket, IPV4, "mine"));
            }
            return true;
        });
    }
}
