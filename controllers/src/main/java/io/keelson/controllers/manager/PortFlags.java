package io.keelson.controllers.manager;

import java.io.IOException;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Flags of a component's port: what it shows, and who may read there. */
public final class PortFlags {
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

    @Mixin
    private ReviewFlags reviews;

    /**
     * What the flags say.
     *
     * @param component for whom a certificate is made if there is none
     * @throws IOException if a file cannot be read; the text names it
     * @throws IllegalArgumentException if a flag makes no sense; its text names it
     */
    public PortSettings settings(String component) throws IOException {
        cipherSuites.forEach(PortFlags::requireKnown);
        return new PortSettings(tls(component), protocols(), cipherSuites, reviews.settings());
    }

    private SSLContext tls(String component) throws IOException {
        if (tlsCertFile == null && tlsPrivateKeyFile == null) {
            return ServingCertificate.selfSigned(component);
        }
        if (tlsCertFile == null || tlsPrivateKeyFile == null) {
            throw new IOException("--tls-cert-file and --tls-private-key-file must be given together");
        }
        return ServingCertificate.of(tlsCertFile, tlsPrivateKeyFile);
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
}
