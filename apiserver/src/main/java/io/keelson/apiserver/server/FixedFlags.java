package io.keelson.apiserver.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** Flags that may be set to what is so anyway, and to nothing else, so that whoever states them finds out what is not so. */
final class FixedFlags {
    private static final Logger log = LoggerFactory.getLogger(FixedFlags.class);

    private static final String VERSION = "1.36";
    private static final String OLDEST = "1.35";
    private static final String ONLY_WHERE_OLDER =
            ": can only be set to true if the emulation version is lower than the binary version";
    private static final int KUBELET_PORT = 10_250;

    @Option(
            names = "--emulated-version",
            split = ",",
            paramLabel = "VERSION",
            description = "Which version of Kubernetes this behaves as: 1.36 (or kube=1.36).")
    private List<String> emulatedVersion = new ArrayList<>();

    @Option(
            names = "--min-compatibility-version",
            split = ",",
            paramLabel = "VERSION",
            description = "The oldest version of Kubernetes that other parts of the cluster may have: 1.35 (or"
                    + " kube=1.35).")
    private List<String> oldestVersion = new ArrayList<>();

    @Option(
            names = "--emulation-forward-compatible",
            arity = "0..1",
            defaultValue = "false",
            fallbackValue = "true",
            description =
                    "Whether versions are served that are newer than the emulated version. That is for servers that"
                            + " emulate an older one. Default: false")
    private boolean newerServed;

    @Option(
            names = "--runtime-config-emulation-forward-compatible",
            arity = "0..1",
            defaultValue = "false",
            fallbackValue = "true",
            description =
                    "Whether --runtime-config may name versions that are newer than the emulated version. That is for"
                            + " servers that emulate an older one. Default: false")
    private boolean newerNamed;

    @Option(
            names = "--contention-profiling",
            arity = "0..1",
            defaultValue = "false",
            fallbackValue = "true",
            description = "Whether profiles of Go's locks are made. There are none here. Default: false")
    private boolean contentionProfiling;

    @Option(
            names = "--aggregator-reject-forwarding-redirect",
            arity = "0..1",
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whether redirects of aggregated API servers are kept from clients. They always are. Default:"
                    + " true")
    private boolean redirectsRejected;

    @Option(
            names = "--kubernetes-service-node-port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "On which port of nodes the Service kubernetes is: 0 for none. Default: 0")
    private int serviceNodePort;

    @Option(
            names = "--enable-logs-handler",
            arity = "0..1",
            defaultValue = "false",
            fallbackValue = "true",
            description = "Whether files of logs are served at /logs. There are none. Default: false")
    private boolean logsServed;

    @Option(
            names = "--storage-initialization-timeout",
            paramLabel = "DURATION",
            converter = DurationText.class,
            description =
                    "How long it is not ready at most until its caches are full. That is for the feature"
                            + " WatchCacheInitializationPostStartHook, which is off; caches fill when they are asked. Default: 1m")
    private @Nullable Duration initializationMax;

    @Option(
            names = "--apiserver-count",
            paramLabel = "COUNT",
            description = "Has no meaning any more: servers find out which there are.")
    private @Nullable Integer serverCount;

    @Option(
            names = "--kubelet-port",
            paramLabel = "PORT",
            description = "Where agents are whose nodes do not say it in their status: 10250.")
    private @Nullable Integer kubeletPort;

    @Option(
            names = "--kubelet-read-only-port",
            paramLabel = "PORT",
            description = "Has no meaning any more: agents are spoken to over TLS only.")
    private @Nullable Integer kubeletReadOnlyPort;

    /** @throws IllegalArgumentException naming the flag that is not as it has to be */
    void check() {
        emulatedVersion.forEach(version -> requireVersion("--emulated-version", version, VERSION));
        oldestVersion.forEach(version -> requireVersion("--min-compatibility-version", version, OLDEST));
        require(!newerServed, "--emulation-forward-compatible=true" + ONLY_WHERE_OLDER);
        require(!newerNamed, "--runtime-config-emulation-forward-compatible=true" + ONLY_WHERE_OLDER);
        require(!contentionProfiling, "--contention-profiling=true: there are no profiles of locks");
        require(
                redirectsRejected,
                "--aggregator-reject-forwarding-redirect=false: redirects are always kept from clients");
        require(
                serviceNodePort == 0,
                "--kubernetes-service-node-port=" + serviceNodePort + ": the Service kubernetes has no port of nodes");
        Duration initialization = initializationMax;
        require(
                initialization == null || !initialization.isNegative(),
                "--storage-initialization-timeout can not be negative value");
        require(!logsServed, "--enable-logs-handler=true: the log is on the standard error, and no file is served");
        checkGivenUp();
    }

    /** Flags that the original has given up, and still takes. */
    private void checkGivenUp() {
        Integer count = serverCount;
        require(
                count == null || count > 0,
                "--apiserver-count should be a positive number, but value '" + count + "' provided");
        warnIfGiven(
                "--apiserver-count", count, "apiserver-count is deprecated and will be removed in a future version.");
        Integer port = kubeletPort;
        require(
                port == null || port == KUBELET_PORT,
                "--kubelet-port=" + port + ": agents are where the status of their node says, or else at "
                        + KUBELET_PORT);
        warnIfGiven("--kubelet-port", port, "kubelet-port is deprecated and will be removed.");
        warnIfGiven(
                "--kubelet-read-only-port",
                kubeletReadOnlyPort,
                "kubelet-read-only-port is deprecated and will be removed.");
    }

    private static void warnIfGiven(String flag, @Nullable Integer value, String why) {
        if (value != null) {
            log.warn("Flag {} has been deprecated, {}", flag, why);
        }
    }

    private static void requireVersion(String flag, String stated, String only) {
        String version = stated.startsWith("kube=") ? stated.substring("kube=".length()) : stated;
        require(version.equals(only), flag + ": " + stated + " cannot be had, only kube=" + only);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
