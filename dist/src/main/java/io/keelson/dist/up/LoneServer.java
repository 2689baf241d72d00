package io.keelson.dist.up;

import io.keelson.apiserver.server.ApiServer;
import io.keelson.apiserver.server.ApiServerCommand;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** One API server with a store of one member, which nobody else can talk to. */
final class LoneServer implements ControlPlane {
    private static final String ACCOUNTS = "ServiceAccount";
    private static final String DISABLING = "--disable-admission-plugins=";

    private final ApiServer server;

    private LoneServer(ApiServer server) {
        this.server = server;
    }

    /**
     * Starts it, and returns when it serves.
     *
     * @throws IOException if it cannot start, with the reason; nothing is left running then
     */
    static LoneServer start(Settings settings) throws IOException, InterruptedException {
        List<String> flags = new ArrayList<>(List.of(
                "--bind-address=" + settings.address(),
                "--secure-port=" + settings.port(),
                "--embedded-store=" + settings.store(),
                "--cert-dir=" + settings.pki(),
                "--write-kubeconfig=" + settings.kubeconfig()));
        flags.addAll(settings.flags());
        if (settings.flags().stream().noneMatch(LoneServer::takesAccountsAway)) {
            // A server with a store of its own knows of no controllers that make accounts; here there are some.
            flags.add("--enable-admission-plugins=" + ACCOUNTS);
        }
        try {
            return new LoneServer(ApiServerCommand.start(flags));
        } catch (IOException | RuntimeException e) {
            throw new IOException("the API server cannot start: " + e.getMessage(), e);
        }
    }

    private static boolean takesAccountsAway(String flag) {
        return flag.startsWith(DISABLING)
                && List.of(flag.substring(DISABLING.length()).split(",", -1)).contains(ACCOUNTS);
    }

    @Override
    public String url() {
        return server.url();
    }

    @Override
    public String description() {
        return "store and API server";
    }

    @Override
    public int copies() {
        return 1;
    }

    @Override
    public void close() {
        server.close();
    }
}
