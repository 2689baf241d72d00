package io.keelson.apiserver.server;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The flags of {@link ClusterSettings}. */
final class ClusterFlags {
    @Option(
            names = "--service-node-port-range",
            defaultValue = "30000-32767",
            paramLabel = "RANGE",
            description = "Ports of nodes that Services may have. Default: 30000-32767")
    private String nodePortRange = "";

    @Option(
            names = "--advertise-address",
            paramLabel = "ADDRESS",
            description = "Where members of the cluster reach this server. Default: where it listens, or an address of"
                    + " this machine")
    private @Nullable String advertiseAddress;

    @Option(
            names = "--endpoint-reconciler-type",
            defaultValue = "lease",
            paramLabel = "TYPE",
            description =
                    "lease: the endpoints of the Service kubernetes are the servers that live; none: they are left"
                            + " alone. Default: lease")
    private String endpointReconciler = "";

    @Option(
            names = "--encryption-provider-config",
            paramLabel = "FILE",
            description = "How objects are encrypted in the store: an EncryptionConfiguration.")
    private @Nullable Path encryptionConfig;

    @Option(
            names = "--encryption-provider-config-automatic-reload",
            arity = "0..1",
            defaultValue = "false",
            fallbackValue = "true",
            description = "Whether that file is read again when it has changed. Default: false")
    private boolean encryptionReload;

    @Mixin
    private AdmissionFlags admission = new AdmissionFlags();

    @Mixin
    private ConnectionFlags connections = new ConnectionFlags();

    /** @param controllers whether there are some in the cluster, as far as one can know */
    ClusterSettings settings(boolean controllers) {
        return new ClusterSettings(
                nodePortRange,
                advertiseAddress,
                endpointReconciler,
                encryptionConfig,
                encryptionReload,
                admission.settings(controllers),
                connections.settings());
    }
}
