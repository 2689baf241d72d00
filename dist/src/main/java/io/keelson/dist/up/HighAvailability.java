package io.keelson.dist.up;

import io.keelson.apiserver.server.ApiServer;
import io.keelson.apiserver.server.ApiServerCommand;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Three members of the store and three API servers in one process, each of which can end without the others. All API servers
 * listen on the same port, which the kernel lets them share (SO_REUSEPORT): it divides new connections among those that listen,
 * so that there is one address for all clients, nothing in the way to it, and one that has ended gets no more of them. Requests
 * on its connections fail as when a server of several behind a balancer ends; clients connect again and get to another one.
 *
 * <pre>
 *   clients ──► ADDRESS:PORT ─┬─► API server 1 ─┐       ┌─► member 1
 *                             ├─► API server 2 ─┼─ TLS ─┼─► member 2
 *                             └─► API server 3 ─┘       └─► member 3
 * </pre>
 */
final class HighAvailability implements ControlPlane {
    private final StoreMembers store;
    private final List<ApiServer> servers = new ArrayList<>();

    private HighAvailability(StoreMembers store) {
        this.store = store;
    }

    /**
     * Starts all of it, and returns when it serves.
     *
     * @throws IOException if it cannot start, with the reason; nothing is left running then
     */
    static HighAvailability start(Settings settings) throws IOException, InterruptedException {
        if (Files.exists(settings.store()) && !Files.exists(settings.members())) {
            throw new IOException("the cluster's data is in a store of one member, " + settings.store()
                    + ", which --ha does not take over: leave --ha out, or name another folder with --data");
        }
        StoreMembers store =
                StoreMembers.start(settings.members(), settings.pki().resolve("etcd"));
        HighAvailability all = new HighAvailability(store);
        try {
            all.open(settings);
            return all;
        } catch (IOException | InterruptedException | RuntimeException e) {
            all.close();
            throw e;
        }
    }

    /** Whether the cluster of a folder is of this kind. */
    static boolean isIn(Path folder) {
        return Files.exists(folder.resolve(Settings.MEMBERS));
    }

    private void open(Settings settings) throws IOException, InterruptedException {
        int port = settings.port();
        for (int i = 0; i < StoreMembers.COUNT; i++) {
            List<String> flags = new ArrayList<>(List.of(
                    "--bind-address=" + settings.address(),
                    "--secure-port=" + port,
                    "--permit-port-sharing",
                    "--cert-dir=" + settings.pki()));
            if (i == 0) {
                flags.add("--write-kubeconfig=" + settings.kubeconfig());
            }
            flags.addAll(store.flags(i));
            flags.addAll(settings.flags());
            try {
                servers.add(ApiServerCommand.start(flags));
            } catch (IOException | IllegalArgumentException e) {
                throw new IOException("API server " + (i + 1) + " cannot start: " + e.getMessage(), e);
            }
            port = URI.create(servers.getFirst().url()).getPort();
        }
    }

    @Override
    public String url() {
        return servers.getFirst().url();
    }

    @Override
    public String description() {
        return StoreMembers.COUNT + " members of the store and " + servers.size() + " API servers";
    }

    @Override
    public int copies() {
        return StoreMembers.COUNT;
    }

    /** The store's members. */
    StoreMembers store() {
        return store;
    }

    /** Ends one of the API servers. */
    void stopServer(int index) {
        servers.get(index).close();
    }

    @Override
    public void close() {
        servers.reversed().forEach(ApiServer::close);
        store.close();
    }
}
