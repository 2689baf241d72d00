package io.keelson.dist.up;

import io.keelson.agent.embedded.assembly.EmbeddedNodeSettings;
import io.keelson.agent.netlink.NetlinkException;
import io.keelson.agent.netlink.NetlinkSocket;
import io.keelson.agent.network.NetworkRemains;
import io.keelson.agent.resources.CgroupRemains;
import io.keelson.proxy.nft.OwnTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What all nodes of a machine share, for when none of them runs any more. */
final class SharedRemains {
    private static final Path IMAGES = Path.of("/var/lib/keelson");
    private static final Path RUN = Path.of("/run/keelson");

    private SharedRemains() {}

    /**
     * Links, routes and rules, pods' links first: nobody is led anywhere then.
     *
     * @throws IOException if the kernel does not tell
     */
    static List<Remain> network() throws IOException, InterruptedException {
        List<Remain> remains = new ArrayList<>();
        if (!Root.is()) {
            // Only root can have made any, and nobody else is told of rules.
            return remains;
        }
        try (NetworkRemains network = new NetworkRemains(null)) {
            List<String> links = new ArrayList<>(network.ports());
            links.addAll(network.links());
            if (!network.routes().isEmpty()) {
                remains.add(new Remain("routes to " + String.join(", ", network.routes()), () -> {
                    try (NetworkRemains again = new NetworkRemains(null)) {
                        again.removeRoutes();
                    }
                }));
            }
            for (String link : links) {
                remains.add(new Remain("interface " + link, () -> {
                    try (NetworkRemains again = new NetworkRemains(null)) {
                        again.removeLink(link);
                    }
                }));
            }
        }
        for (OwnTables.Table table : tables(OwnTables::list)) {
            remains.add(new Remain("rules: nftables' table " + table, () -> {
                var _ = tables(tables -> {
                    tables.remove(table);
                    return true;
                });
            }));
        }
        return remains;
    }

    private interface Asked<T> {
        T ask(OwnTables tables) throws NetlinkException;
    }

    private static <T> T tables(Asked<T> asked) throws NetlinkException {
        try (NetlinkSocket socket = new NetlinkSocket(NetlinkSocket.NETFILTER)) {
            return asked.ask(new OwnTables(socket));
        }
    }

    /** The cgroup of shims. */
    static List<Remain> cgroups() throws IOException {
        CgroupRemains shims = new CgroupRemains(EmbeddedNodeSettings.SHIM_CGROUP);
        return shims.exists()
                ? List.of(new Remain("cgroup " + EmbeddedNodeSettings.SHIM_CGROUP, shims::remove))
                : List.of();
    }

    /** Folders of parts that are run without a cluster, and of {@code keelson image}. */
    static List<Remain> folders() throws IOException {
        List<Remain> remains = new ArrayList<>();
        for (Path each : List.of(RUN, IMAGES)) {
            if (Files.exists(each)) {
                remains.add(new Remain("folder " + each, () -> ClusterFolder.removeAll(each)));
            }
        }
        return remains;
    }
}
