package io.keelson.apiserver.server;

import io.keelson.apiserver.fairness.FlowSettings;
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
 * @param access who is let in, what they may do, and what of it is written down
 * @param flow how many requests are served at a time
 * @param connections how others are reached
 * @param api what is served of the API, and how
 * @param lifetime how it begins and ends
 * @param profiling whether administrators may look into the process at {@code /debug}
 * @param ui whether there is a web page at {@code /ui/}
 */
public record ClusterSettings(
        String nodePortRange,
        @Nullable String advertiseAddress,
        String endpointReconciler,
        @Nullable Path encryptionConfig,
        boolean encryptionReload,
        AdmissionSettings admission,
        AccessSettings access,
        FlowSettings flow,
        ConnectionSettings connections,
        ApiSettings api,
        LifetimeSettings lifetime,
        boolean profiling,
        boolean ui) {
    public static final ClusterSettings DEFAULT = new ClusterSettings(
            "30000-32767",
            null,
            "lease",
            null,
            false,
            AdmissionSettings.WITHOUT_CONTROLLERS,
            AccessSettings.DEFAULT,
            FlowSettings.DEFAULT,
            ConnectionSettings.DEFAULT,
            ApiSettings.DEFAULT,
            LifetimeSettings.DEFAULT,
            true,
            true);

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
        return with(config, reload, admission, access, flow, connections, api, lifetime);
    }

    public ClusterSettings withAdmission(AdmissionSettings other) {
        return with(encryptionConfig, encryptionReload, other, access, flow, connections, api, lifetime);
    }

    public ClusterSettings withAccess(AccessSettings other) {
        return with(encryptionConfig, encryptionReload, admission, other, flow, connections, api, lifetime);
    }

    public ClusterSettings withFlow(FlowSettings other) {
        return with(encryptionConfig, encryptionReload, admission, access, other, connections, api, lifetime);
    }

    public ClusterSettings withConnections(ConnectionSettings other) {
        return with(encryptionConfig, encryptionReload, admission, access, flow, other, api, lifetime);
    }

    public ClusterSettings withApi(ApiSettings other) {
        return with(encryptionConfig, encryptionReload, admission, access, flow, connections, other, lifetime);
    }

    public ClusterSettings withLifetime(LifetimeSettings other) {
        return with(encryptionConfig, encryptionReload, admission, access, flow, connections, api, other);
    }

    private ClusterSettings with(
            @Nullable Path config,
            boolean reload,
            AdmissionSettings otherAdmission,
            AccessSettings otherAccess,
            FlowSettings otherFlow,
            ConnectionSettings otherConnections,
            ApiSettings otherApi,
            LifetimeSettings otherLifetime) {
        return new ClusterSettings(
                nodePortRange,
                advertiseAddress,
                endpointReconciler,
                config,
                reload,
                otherAdmission,
                otherAccess,
                otherFlow,
                otherConnections,
                otherApi,
                otherLifetime,
                profiling,
                ui);
    }
}
