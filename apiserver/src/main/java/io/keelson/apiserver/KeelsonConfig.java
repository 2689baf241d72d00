package io.keelson.apiserver;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What an embedded server is to be.
 *
 * @param folder where its store, keys and certificates are; null for nowhere that lasts
 * @param port on which port of loopback it listens; 0 for any that is free
 */
public record KeelsonConfig(@Nullable Path folder, int port) {
    public KeelsonConfig {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("no port " + port);
        }
    }

    /** A server that forgets everything when it is closed. */
    public static KeelsonConfig ephemeral() {
        return new KeelsonConfig(null, 0);
    }

    /**
     * A server that has its data, keys and certificates in a folder, which is made if missing, and goes on with them when
     * it is started there again. One server at a time has a folder.
     */
    public static KeelsonConfig inFolder(Path folder) {
        return new KeelsonConfig(folder, 0);
    }

    /** The same on a certain port. A kubeconfig that was made before a restart stays good only with one. */
    public KeelsonConfig withPort(int newPort) {
        return new KeelsonConfig(folder, newPort);
    }
}
