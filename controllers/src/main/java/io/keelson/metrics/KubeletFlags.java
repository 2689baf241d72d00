package io.keelson.metrics;

import io.keelson.controllers.manager.DurationConverter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags that say how kubelets are reached, those of metrics-server. */
final class KubeletFlags {
    private static final Set<String> TYPES =
            Set.of("Hostname", "InternalDNS", "InternalIP", "ExternalDNS", "ExternalIP");
    private static final int AT_ONCE = 64;

    @Option(
            names = "--kubelet-preferred-address-types",
            split = ",",
            defaultValue = "Hostname,InternalDNS,InternalIP,ExternalDNS,ExternalIP",
            paramLabel = "TYPE",
            description = "By which address a node is asked: the first that it has. Default: ${DEFAULT-VALUE}")
    private List<String> addressTypes;

    @Option(
            names = "--kubelet-port",
            defaultValue = "10250",
            paramLabel = "N",
            description = "On which port kubelets listen. Default: ${DEFAULT-VALUE}")
    private int kubeletPort;

    @Option(
            names = "--kubelet-use-node-status-port",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description = "Take the port that a node itself tells. Default: false")
    private boolean statusPort;

    @Option(
            names = "--kubelet-insecure-tls",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description = "Do not look at the certificates of kubelets. Default: false")
    private boolean insecure;

    @Option(
            names = "--kubelet-certificate-authority",
            paramLabel = "FILE",
            description = "By which authorities certificates of kubelets are known. Default: those of the API server")
    private @Nullable Path authority;

    @Option(
            names = "--kubelet-client-certificate",
            paramLabel = "FILE",
            description = "What is shown to kubelets. Default: what is shown to the API server")
    private @Nullable Path certificate;

    @Option(names = "--kubelet-client-key", paramLabel = "FILE", description = "The key of that certificate.")
    private @Nullable Path key;

    @Option(
            names = "--kubelet-request-timeout",
            defaultValue = "10s",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How long a kubelet may take to answer. Default: ${DEFAULT-VALUE}")
    private Duration timeout;

    /**
     * What the flags say.
     *
     * @throws IllegalArgumentException if one makes no sense; its text names it
     * @throws IOException if a file cannot be read
     */
    KubeletSettings settings() throws IOException {
        for (String type : addressTypes) {
            if (!TYPES.contains(type)) {
                throw new IllegalArgumentException(
                        "--kubelet-preferred-address-types: \"" + type + "\" is no type of addresses of nodes");
            }
        }
        if (kubeletPort < 1 || kubeletPort > 65_535) {
            throw new IllegalArgumentException("--kubelet-port: " + kubeletPort + " is no port");
        }
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("--kubelet-request-timeout has to be more than nothing");
        }
        if (insecure && authority != null) {
            throw new IllegalArgumentException(
                    "Cannot use both --kubelet-certificate-authority and --kubelet-insecure-tls");
        }
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException(
                    "--kubelet-client-certificate and --kubelet-client-key must be given together");
        }
        requireReadable("--kubelet-certificate-authority", authority);
        requireReadable("--kubelet-client-certificate", certificate);
        requireReadable("--kubelet-client-key", key);
        return new KubeletSettings(
                new KubeletAddress(addressTypes, kubeletPort, statusPort),
                authority,
                insecure,
                certificate,
                key,
                timeout,
                AT_ONCE);
    }

    Duration timeout() {
        return timeout;
    }

    private static void requireReadable(String flag, @Nullable Path file) throws IOException {
        if (file != null && !Files.isReadable(file)) {
            throw new IOException(flag + ": " + file + " cannot be read");
        }
    }
}
