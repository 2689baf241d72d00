package io.keelson.apiserver.server;

import io.keelson.apiserver.http.CertificateSource;
import io.keelson.apiserver.http.TlsSettings;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of {@link ServingSettings}. */
final class ServingFlags {
    /** What there is, by its number in IANA's registry of supported groups. */
    private static final Map<String, String> GROUPS = Map.of(
            "23", "secp256r1",
            "24", "secp384r1",
            "25", "secp521r1",
            "29", "x25519",
            "4588", "X25519MLKEM768");

    @Option(
            names = "--tls-cert-file",
            paramLabel = "FILE",
            description = "The certificate to show to clients, with its chain. Default: one that is made")
    private @Nullable Path certificate;

    @Option(names = "--tls-private-key-file", paramLabel = "FILE", description = "The key of that certificate.")
    private @Nullable Path key;

    @Option(
            names = "--tls-sni-cert-key",
            paramLabel = "FILE,FILE[:HOST,...]",
            description =
                    "A certificate and its key, for clients that ask for one of these hosts, in which the first label"
                            + " may be an asterisk, or for a host in the certificate; may be given several times.")
    private List<String> named = new ArrayList<>();

    @Option(
            names = "--tls-min-version",
            paramLabel = "VERSION",
            defaultValue = "VersionTLS12",
            description = "VersionTLS12 or VersionTLS13. Default: VersionTLS12")
    private String minVersion = "";

    @Option(
            names = "--tls-cipher-suites",
            split = ",",
            paramLabel = "SUITE",
            description = "What may be used with TLS 1.2. Default: what is safe")
    private List<String> cipherSuites = new ArrayList<>();

    @Option(
            names = "--tls-curve-preferences",
            split = ",",
            paramLabel = "ID",
            description = "What keys may be agreed on with, by their numbers: 23 (P-256), 24 (P-384), 25 (P-521), 29"
                    + " (X25519), 4588 (X25519MLKEM768). Default: those of the TLS library")
    private List<String> curves = new ArrayList<>();

    @Option(
            names = "--permit-port-sharing",
            arity = "0..1",
            defaultValue = "false",
            fallbackValue = "true",
            description = "Whether other processes that permit it, too, may listen on the same port at the same time"
                    + " (SO_REUSEPORT); new connections are divided among them. Default: false")
    private boolean portSharing;

    @Option(
            names = "--permit-address-sharing",
            arity = "0..1",
            defaultValue = "false",
            fallbackValue = "true",
            description = "Whether the port is taken without waiting for connections of an earlier process to be"
                    + " forgotten (SO_REUSEADDR). It always is, as it is there, whatever is said. Default: false")
    void permitAddressSharing(boolean permitted) {
        // The option is set either way.
    }

    /** @throws IllegalArgumentException naming the flag that cannot be used */
    ServingSettings settings() {
        String version = switch (minVersion) {
            case "VersionTLS12" -> "TLSv1.2";
            case "VersionTLS13" -> "TLSv1.3";
            case "VersionTLS10", "VersionTLS11" ->
                throw new IllegalArgumentException(
                        "--tls-min-version: " + minVersion + " is not safe, and not to be had any more");
            default ->
                throw new IllegalArgumentException("--tls-min-version: unknown tls version \"" + minVersion + "\"");
        };
        cipherSuites.forEach(ServingFlags::requireKnown);
        return new ServingSettings(
                certificate,
                key,
                named.stream().map(ServingFlags::named).toList(),
                version,
                cipherSuites,
                curves.stream().map(ServingFlags::group).distinct().toList(),
                portSharing);
    }

    private static String group(String number) {
        String name = GROUPS.get(number.strip());
        if (name == null) {
            throw new IllegalArgumentException(
                    "--tls-curve-preferences: curve " + number + " not supported or doesn't exist");
        }
        return name;
    }

    private static void requireKnown(String suite) {
        try {
            String[] known = SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites();
            if (Stream.of(known).noneMatch(suite::equals)) {
                throw new IllegalArgumentException(
                        "--tls-cipher-suites: Cipher suite " + suite + " not supported or doesn't exist");
            }
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java knows no TLS", e);
        }
    }

    private static TlsSettings.Named named(String text) {
        int colon = text.indexOf(':');
        String files = colon < 0 ? text : text.substring(0, colon);
        List<String> hosts = List.of();
        if (colon >= 0) {
            if (text.substring(colon + 1).isBlank()) {
                throw new IllegalArgumentException("--tls-sni-cert-key: empty names list is not allowed");
            }
            hosts = Stream.of(text.substring(colon + 1).split(",", -1))
                    .map(String::strip)
                    .toList();
        }
        String[] pair = files.split(",", -1);
        if (pair.length != 2) {
            throw new IllegalArgumentException(
                    "--tls-sni-cert-key: expected comma separated certificate and key file paths");
        }
        return new TlsSettings.Named(
                new CertificateSource.Files(Path.of(pair[0].strip()), Path.of(pair[1].strip())), hosts);
    }
}
