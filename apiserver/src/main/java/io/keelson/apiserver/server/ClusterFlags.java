package io.keelson.apiserver.server;

import java.nio.file.Path;
import java.time.Duration;
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

    @Option(
            names = "--shutdown-delay-duration",
            defaultValue = "0s",
            paramLabel = "DURATION",
            description = "How long it still serves when it is told to stop, while /readyz says that it is not ready."
                    + " Default: 0s")
    private String shutdownDelay = "";

    @Option(
            names = "--livez-grace-period",
            defaultValue = "0s",
            paramLabel = "DURATION",
            converter = DurationText.class,
            description = "How long after its start /livez takes it for granted that what has to happen first will."
                    + " Default: 0s")
    private Duration livezGrace = Duration.ZERO;

    @Option(
            names = "--shutdown-send-retry-after",
            arity = "0..1",
            defaultValue = "false",
            fallbackValue = "true",
            description =
                    "Whether after that delay it goes on listening until all is answered that it has begun, and asks"
                            + " whoever comes meanwhile to come again. Default: false")
    private boolean shutdownRetryAfter;

    @Option(
            names = "--shutdown-watch-termination-grace-period",
            defaultValue = "0s",
            paramLabel = "DURATION",
            converter = DurationText.class,
            description =
                    "Over how long watches are ended when it stops, one after the other. Default: 0s, all at once")
    private Duration watchGrace = Duration.ZERO;

    @Option(
            names = "--profiling",
            arity = "0..1",
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whether administrators may look into the process at /debug. Default: true")
    private boolean profiling;

    @Option(
            names = "--enable-ui",
            arity = "0..1",
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whether there is a web page at /ui/, which everybody sees who has a token. Default: true")
    private boolean ui;

    @Option(
            names = "--allow-privileged",
            arity = "0..1",
            defaultValue = "true",
            fallbackValue = "true",
            description =
                    "Whether privileged containers are allowed. They always are, but for namespaces with Pod Security"
                            + " Standards. Default: true")
    private boolean allowPrivileged;

    @Mixin
    private AdmissionFlags admission = new AdmissionFlags();

    @Mixin
    private FlowFlags flow = new FlowFlags();

    @Mixin
    private ConnectionFlags connections = new ConnectionFlags();

    @Mixin
    private ApiFlags api = new ApiFlags();

    @Mixin
    private FixedFlags fixed = new FixedFlags();

    /** @param controllers whether there are some in the cluster, as far as one can know */
    ClusterSettings settings(boolean controllers) {
        if (!allowPrivileged) {
            throw new IllegalArgumentException(
                    "--allow-privileged=false: privileged containers are refused by Pod Security Standards only");
        }
        fixed.check();
        return new ClusterSettings(
                nodePortRange,
                advertiseAddress,
                endpointReconciler,
                encryptionConfig,
                encryptionReload,
                admission.settings(controllers),
                AccessSettings.DEFAULT,
                flow.settings(),
                connections.settings(),
                api.settings(),
                new LifetimeSettings(
                        livezGrace,
                        DurationText.of("--shutdown-delay-duration", shutdownDelay),
                        shutdownRetryAfter,
                        watchGrace),
                profiling,
                ui);
    }
}
