package io.keelson.apiserver.server;

import io.keelson.apiserver.store.EtcdConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a server is to be.
 *
 * @param bindAddress where it listens
 * @param securePort on which port; 0 for any that is free
 * @param etcd the store; null for an embedded one
 * @param storeFolder where an embedded store keeps its data; null for nowhere that lasts
 * @param certificateFolder where keys and certificates are; null for nowhere that lasts
 * @param kubeconfig where to write a kubeconfig for the administrator; null for nowhere
 * @param authorizationModes in their order: {@code Node}, {@code RBAC}, {@code ABAC}, {@code Webhook}, {@code
 *     AlwaysAllow}, {@code AlwaysDeny}
 * @param anonymous whether requests that show nothing are let in, as somebody who may do little
 * @param serviceRange addresses of Services, {@code 10.96.0.0/12} for example; two, of different families, with a comma
 * @param eventTimeToLive how long events stay
 * @param requestTimeoutMin how long a watch lasts at least, unless the client says otherwise
 * @param cluster what it keeps for the cluster
 */
public record ApiServerConfig(
        String bindAddress,
        int securePort,
        @Nullable EtcdConnection etcd,
        @Nullable Path storeFolder,
        @Nullable Path certificateFolder,
        @Nullable Path kubeconfig,
        List<String> authorizationModes,
        boolean anonymous,
        String serviceRange,
        Duration eventTimeToLive,
        Duration requestTimeoutMin,
        ClusterSettings cluster) {
    /** @throws IllegalArgumentException naming flags that cannot be used, or not together */
    public ApiServerConfig {
        authorizationModes = List.copyOf(authorizationModes);
        for (StoreOverride override : cluster.api().storage().overrides()) {
            if (etcd == null) {
                throw new IllegalArgumentException("--etcd-servers-overrides: --etcd-servers must be specified");
            }
            try {
                var _ = etcd.withServers(override.servers());
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("--etcd-servers-overrides: " + e.getMessage(), e);
            }
        }
    }

    /** A server for a test: on a port of loopback that is free, with nothing that stays. */
    public static ApiServerConfig ephemeral() {
        return new ApiServerConfig(
                "127.0.0.1",
                0,
                null,
                null,
                null,
                null,
                List.of("Node", "RBAC"),
                true,
                "10.96.0.0/12",
                Duration.ofHours(1),
                Duration.ofMinutes(30),
                ClusterSettings.DEFAULT);
    }

    /** The same on another port. */
    public ApiServerConfig withPort(int port) {
        return new ApiServerConfig(
                bindAddress,
                port,
                etcd,
                storeFolder,
                certificateFolder,
                kubeconfig,
                authorizationModes,
                anonymous,
                serviceRange,
                eventTimeToLive,
                requestTimeoutMin,
                cluster);
    }

    /** The same with an embedded store, keys and certificates in a folder, where they stay. */
    public ApiServerConfig inFolder(Path folder) {
        return new ApiServerConfig(
                bindAddress,
                securePort,
                null,
                folder.resolve("store"),
                folder.resolve("pki"),
                kubeconfig,
                authorizationModes,
                anonymous,
                serviceRange,
                eventTimeToLive,
                requestTimeoutMin,
                cluster);
    }

    /** The same with other settings of what it keeps for the cluster. */
    public ApiServerConfig withCluster(ClusterSettings settings) {
        return new ApiServerConfig(
                bindAddress,
                securePort,
                etcd,
                storeFolder,
                certificateFolder,
                kubeconfig,
                authorizationModes,
                anonymous,
                serviceRange,
                eventTimeToLive,
                requestTimeoutMin,
                settings);
    }

    /** The same on a store that is somewhere else. */
    public ApiServerConfig withStore(EtcdConnection store) {
        return new ApiServerConfig(
                bindAddress,
                securePort,
                store,
                null,
                certificateFolder,
                kubeconfig,
                authorizationModes,
                anonymous,
                serviceRange,
                eventTimeToLive,
                requestTimeoutMin,
                cluster);
    }
}
