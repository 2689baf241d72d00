package io.keelson.apiserver.server;

import io.keelson.apiserver.services.Address;
import io.keelson.apiserver.services.PortRange;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the server keeps for the cluster, and how.
 *
 * @param nodePortRange ports of nodes that Services may have, {@code 30000-32767}
 * @param advertiseAddress where members of the cluster reach this server; null to find out
 * @param endpointReconciler {@code lease}, or {@code none} to leave the endpoints of the Service {@code kubernetes} alone
 * @param encryptionConfig how objects are encrypted in the store; null for not at all
 * @param encryptionReload whether that file is read again when it has changed
 * @param admission who takes part in the admission of writes
 * @param connections how others are reached
 */
public record ClusterSettings(
        String nodePortRange,
        @Nullable String advertiseAddress,
        String endpointReconciler,
        @Nullable Path encryptionConfig,
        boolean encryptionReload,
        AdmissionSettings admission,
        ConnectionSettings connections) {
    public static final ClusterSettings DEFAULT =
            new ClusterSettings(
                    "30000-32767",
                    null,
                    "lease",
                    null,
                    false,
                    AdmissionSettings.WITHOUT_CONTROLLERS,
                    ConnectionSettings.DEFAULT);

    /** @throws IllegalArgumentException naming the flag that cannot be used */
    public ClusterSettings {
        if (!endpointReconciler.equals("lease") && !endpointReconciler.equals("none")) {
            throw new IllegalArgumentException("--endpoint-reconciler-type: \"" + endpointReconciler
                    + "\" is none of those there are: lease, none");
        }
        if (advertiseAddress != null && Address.parse(advertiseAddress) == null) {
            throw new IllegalArgumentException("--advertise-address: \"" + advertiseAddress + "\" is no IP address");
        }
        try {
            var _ = PortRange.parse(nodePortRange);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--service-node-port-range: " + e.getMessage(), e);
        }
    }

    public ClusterSettings withEncryption(Path config, boolean reload) {
        return new ClusterSettings(
                nodePortRange, advertiseAddress, endpointReconciler, config, reload, admission, connections);
    }

    public ClusterSettings withAdmission(AdmissionSettings other) {
        return new ClusterSettings(
                nodePortRange,
                advertiseAddress,
                endpointReconciler,
                encryptionConfig,
                encryptionReload,
                other,
                connections);
    }

    public ClusterSettings withConnections(ConnectionSettings other) {
        return new ClusterSettings(
                nodePortRange,
                advertiseAddress,
                endpointReconciler,
                encryptionConfig,
                encryptionReload,
                admission,
                other);
    }
}
