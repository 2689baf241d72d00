package io.keelson.controllers.manager;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags of a component's port: what it shows, and who may read there. */
final class PortFlags {
    @Option(
            names = "--tls-cert-file",
            paramLabel = "FILE",
            description = "The certificate to serve with. Default: one that is made at the start")
    private @Nullable Path tlsCertFile;

    @Option(names = "--tls-private-key-file", paramLabel = "FILE", description = "The key of that certificate.")
    private @Nullable Path tlsPrivateKeyFile;

    @Option(
            names = "--tls-min-version",
            defaultValue = "VersionTLS12",
            paramLabel = "VERSION",
            description = "The oldest version of TLS: VersionTLS12 or VersionTLS13. Default: VersionTLS12")
    private String minVersion;

    @Option(
            names = "--tls-cipher-suites",
            split = ",",
            paramLabel = "NAME",
            description = "Which cipher suites are spoken. Default: those of Java")
    private List<String> cipherSuites = List.of();

    @Option(
            names = "--client-ca-file",
            paramLabel = "FILE",
            description = "Whose certificates clients may show: the common name is the user, organizations are groups."
                    + " Default: clients show tokens only")
    private @Nullable Path clientCaFile;

    @Option(
            names = "--authentication-kubeconfig",
            paramLabel = "FILE",
            description = "How to reach the API that is asked whose a token is. Default: as --kubeconfig says")
    private @Nullable Path authenticationKubeconfig;

    @Option(
            names = "--authorization-kubeconfig",
            paramLabel = "FILE",
            description = "How to reach the API that is asked who may read. Default: as --kubeconfig says")
    private @Nullable Path authorizationKubeconfig;

    @Option(
            names = "--authentication-token-webhook-cache-ttl",
            defaultValue = "10s",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "For how long it is remembered whose a token is. Default: 10s")
    private Duration tokensKept;

    @Option(
            names = "--authorization-webhook-cache-authorized-ttl",
            defaultValue = "10s",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "For how long it is remembered that somebody may read. Default: 10s")
    private Duration allowedKept;

    @Option(
            names = "--authorization-webhook-cache-unauthorized-ttl",
            defaultValue = "10s",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "For how long it is remembered that somebody may not. Default: 10s")
    private Duration refusedKept;

    @Option(
            names = "--authorization-always-allow-paths",
            split = ",",
            defaultValue = "/healthz,/readyz,/livez",
            paramLabel = "PATH",
            description = "What everybody may read; /metrics* is all that begins so. Default: /healthz,/readyz,/livez")
    private List<String> openPaths;

    /**
     * What the flags say.
     *
     * @param component for whom a certificate is made if there is none
     * @throws IOException if a file cannot be read; the text names it
     * @throws IllegalArgumentException if a flag makes no sense; its text names it
     */
    PortSettings settings(String component) throws IOException {
        ClientCertificates clients = clientCaFile == null ? null : ClientCertificates.read(clientCaFile);
        cipherSuites.forEach(PortFlags::requireKnown);
        return new PortSettings(
                tls(component, clients),
                protocols(),
                cipherSuites,
                clients,
                new AccessSettings(
                        config("--authentication-kubeconfig", authenticationKubeconfig),
                        config("--authorization-kubeconfig", authorizationKubeconfig),
                        tokensKept,
                        allowedKept,
                        refusedKept,
                        openPaths));
    }

    private SSLContext tls(String component, @Nullable ClientCertificates clients) throws IOException {
        TrustManager[] atHandshake = clients == null ? null : new TrustManager[] {clients.atHandshake()};
        if (tlsCertFile == null && tlsPrivateKeyFile == null) {
            return ServingCertificate.selfSigned(component, atHandshake);
        }
        if (tlsCertFile == null || tlsPrivateKeyFile == null) {
            throw new IOException("--tls-cert-file and --tls-private-key-file must be given together");
        }
        return ServingCertificate.of(tlsCertFile, tlsPrivateKeyFile, atHandshake);
    }

    private List<String> protocols() {
        return switch (minVersion) {
            case "VersionTLS12" -> PortSettings.PROTOCOLS;
            case "VersionTLS13" -> List.of("TLSv1.3");
            case "VersionTLS10", "VersionTLS11" ->
                throw new IllegalArgumentException(
                        "--tls-min-version: " + minVersion + " is not safe, and not to be had any more");
            default ->
                throw new IllegalArgumentException("--tls-min-version: unknown tls version \"" + minVersion + "\"");
        };
    }

    private static void requireKnown(String suite) {
        try {
            String[] known = SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites();
            if (!Arrays.asList(known).contains(suite)) {
                throw new IllegalArgumentException(
                        "--tls-cipher-suites: Cipher suite " + suite + " not supported or doesn't exist");
            }
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java knows no TLS", e);
        }
    }

    private static @Nullable Config config(String flag, @Nullable Path kubeconfig) throws IOException {
        if (kubeconfig == null) {
            return null;
        }
        if (!Files.isReadable(kubeconfig)) {
            throw new IOException(flag + ": " + kubeconfig + " cannot be read");
        }
        return Config.fromKubeconfig(kubeconfig.toFile());
    }
}
