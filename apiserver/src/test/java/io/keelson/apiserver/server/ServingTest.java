package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.certs.CertificateAuthority;
import io.keelson.apiserver.certs.CertificateProfile;
import io.keelson.apiserver.certs.Credential;
import io.keelson.apiserver.certs.Pem;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.http.CertificateSource;
import io.keelson.apiserver.http.TlsSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the server shows to its clients, as the flags say. */
final class ServingTest {
    private static ServingSettings settings(String... flags) {
        return CommandLine.populateCommand(new ClusterFlags(), flags)
                .settings(false)
                .connections()
                .serving();
    }

    private static @Nullable String refused(String... flags) {
        return assertThrows(IllegalArgumentException.class, () -> settings(flags))
                .getMessage();
    }

    @Test
    void flagsNameFilesHostsAndVersions() {
        assertEquals(ServingSettings.DEFAULT, settings());
        assertEquals(ServingSettings.DEFAULT, settings("--allow-privileged=true"));
        assertEquals(ServingSettings.DEFAULT, settings("--permit-address-sharing", "--permit-port-sharing=false"));
        assertTrue(settings("--permit-port-sharing").sharesPort());
        ServingSettings all = settings(
                "--tls-cert-file=a.crt",
                "--tls-private-key-file=a.key",
                "--tls-sni-cert-key=b.crt,b.key",
                "--tls-sni-cert-key=c.crt, c.key: *.example.com, other",
                "--tls-min-version=VersionTLS13",
                "--tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                "--tls-curve-preferences=4588,29,23");
        assertEquals(
                new ServingSettings(
                        Path.of("a.crt"),
                        Path.of("a.key"),
                        List.of(
                                new TlsSettings.Named(
                                        new CertificateSource.Files(Path.of("b.crt"), Path.of("b.key")), List.of()),
                                new TlsSettings.Named(
                                        new CertificateSource.Files(Path.of("c.crt"), Path.of("c.key")),
                                        List.of("*.example.com", "other"))),
                        "TLSv1.3",
                        List.of("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
                        List.of("X25519MLKEM768", "x25519", "secp256r1"),
                        false),
                all);
    }

    @Test
    void whatCannotBeIsRefused() {
        assertEquals(
                "--tls-cert-file and --tls-private-key-file must be given together", refused("--tls-cert-file=a.crt"));
        assertEquals("--tls-min-version: unknown tls version \"1.3\"", refused("--tls-min-version=1.3"));
        assertEquals(
                "--tls-cipher-suites: Cipher suite TLS_NONE not supported or doesn't exist",
                refused("--tls-cipher-suites=TLS_NONE"));
        assertEquals(
                "--tls-curve-preferences: curve 65535 not supported or doesn't exist",
                refused("--tls-curve-preferences=23,65535"));
        assertEquals(
                "--tls-sni-cert-key: expected comma separated certificate and key file paths",
                refused("--tls-sni-cert-key=a.crt"));
        assertEquals("--tls-sni-cert-key: empty names list is not allowed", refused("--tls-sni-cert-key=a.crt,a.key:"));
        assertEquals(
                "--allow-privileged=false: privileged containers are refused by Pod Security Standards only",
                refused("--allow-privileged=false"));
    }

    private static int get(String url, X509Certificate trusted, String... protocols)
            throws IOException, InterruptedException {
        SSLParameters parameters = new SSLParameters();
        if (protocols.length > 0) {
            parameters.setProtocols(protocols);
        }
        try (HttpClient client = HttpClient.newBuilder()
                .sslContext(new RemoteServer(url, List.of(trusted), null, "", "", "", false).tls())
                .sslParameters(parameters)
                .build()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(url + "/version")).build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    /** Shakes hands as a client that knows one group only. */
    private static void shakeHands(String url, X509Certificate trusted, String group) throws IOException {
        URI uri = URI.create(url);
        SSLContext context = new RemoteServer(url, List.of(trusted), null, "", "", "", false).tls();
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(uri.getHost(), uri.getPort())) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setNamedGroups(new String[] {group});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
        }
    }

    @Test
    void keysAreAgreedOnWithTheGroupsThatAreNamedOnly(@TempDir Path folder) throws Exception {
        try (ApiServer server = ApiServer.start(Flags.config(folder, "--tls-curve-preferences=4588,24"))) {
            X509Certificate authority = Pem.certificates(
                            Files.readAllBytes(folder.resolve("pki").resolve("ca.crt")))
                    .getFirst();
            shakeHands(server.url(), authority, "secp384r1");
            assertThrows(SSLHandshakeException.class, () -> shakeHands(server.url(), authority, "x25519"));
        }
    }

    @Test
    void clientsSeeTheCertificateThatWasGiven(@TempDir Path folder) throws Exception {
        CertificateAuthority authority = CertificateAuthority.create("elsewhere", Instant.now());
        Credential shown =
                authority.issue(CertificateProfile.server("kube-apiserver", List.of("127.0.0.1")), Instant.now());
        Path certificate = folder.resolve("served.crt");
        Path key = folder.resolve("served.key");
        Files.write(certificate, Pem.encode(shown.certificate()));
        Files.write(key, Pem.encode(shown.key()));
        ApiServerConfig plain = ApiServerConfig.ephemeral();
        ServingSettings serving =
                new ServingSettings(certificate, key, List.of(), "TLSv1.3", List.of(), List.of(), false);
        try (ApiServer server = ApiServer.start(plain.withCluster(
                plain.cluster().withConnections(plain.cluster().connections().withServing(serving))))) {
            assertEquals(200, get(server.url(), authority.credential().certificate()));
            assertThrows(
                    SSLHandshakeException.class,
                    () -> get(server.url(), authority.credential().certificate(), "TLSv1.2"));
            CertificateAuthority other = CertificateAuthority.create("nobody", Instant.now());
            assertThrows(
                    SSLHandshakeException.class,
                    () -> get(server.url(), other.credential().certificate()));
            // Who has the server's own kubeconfig gets in as before.
            Kubectl.assumeThere();
            Kubectl kubectl = new Kubectl(server, folder);
            assertTrue(kubectl.run("get", "namespaces", "-o", "name").contains("namespace/default"));
        }
    }
}
