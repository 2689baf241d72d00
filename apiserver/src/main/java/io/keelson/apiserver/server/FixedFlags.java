package io.keelson.apiserver.server;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Flags that may be set to what is so anyway, and to nothing else, so that whoever states them finds out what is not so. */
final class FixedFlags {
    private static final String VERSION = "1.36";
    private static final String OLDEST = "1.35";

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
            names = "--logging-format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "What the log looks like: text. Default: text")
    private String loggingFormat = "";

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

    /** @throws IllegalArgumentException naming the flag that is not as it has to be */
    void check() {
        emulatedVersion.forEach(version -> requireVersion("--emulated-version", version, VERSION));
        oldestVersion.forEach(version -> requireVersion("--min-compatibility-version", version, OLDEST));
        require(
                loggingFormat.equals("text"),
                "--logging-format: Unsupported log format \"" + loggingFormat + "\", only text is supported");
        require(!contentionProfiling, "--contention-profiling=true: there are no profiles of locks");
        require(
                redirectsRejected,
                "--aggregator-reject-forwarding-redirect=false: redirects are always kept from clients");
        require(
                serviceNodePort == 0,
                "--kubernetes-service-node-port=" + serviceNodePort + ": the Service kubernetes has no port of nodes");
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
