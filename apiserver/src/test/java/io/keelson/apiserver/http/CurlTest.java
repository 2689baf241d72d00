package io.keelson.apiserver.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.resource.GroupResource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What curl sees. */
class CurlTest {
    @TempDir
    Path folder;

    @BeforeEach
    void needsCurl() throws Exception {
        boolean there;
        try {
            there = new ProcessBuilder("curl", "--version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            there = false;
        }
        assumeTrue(there, "no curl here");
    }

    private static String curl(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("curl", "-sS", "-k", "--max-time", "60"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), out);
        return out;
    }

    @ParameterizedTest
    @ValueSource(strings = {"--http1.0", "--http1.1", "--http2"})
    void talksOverTls(String version) throws Exception {
        try (TestServer server = TestServer.tls()) {
            String answer = curl(version, "-i", server.url("/hello"));
            assertTrue(answer.endsWith("\r\n\r\nhello"), answer);
            assertTrue(answer.startsWith(version.equals("--http2") ? "HTTP/2 200" : "HTTP/1.1 200 OK"), answer);
            Path body = folder.resolve("body");
            Files.writeString(body, "x".repeat(2_000_000));
            String echoed = curl(version, "--data-binary", "@" + body, server.url("/echo"));
            assertEquals(2_000_000, echoed.length());
            assertEquals("", curl(version, "-I", "-o", "/dev/null", server.url("/hello")));
        }
    }

    @Test
    void talksHttp2WithoutTls() throws Exception {
        try (TestServer server = TestServer.plain()) {
            assertEquals("hello", curl("--http2-prior-knowledge", server.url("/hello")));
            assertEquals("hello", curl("--http2", server.url("/hello")), "an offer to upgrade is passed over");
        }
    }

    @Test
    void showsFailuresToPeopleIndented() throws Exception {
        try (TestServer server = TestServer.tls()) {
            server.on("/missing", request -> {
                throw ApiException.notFound(new GroupResource("", "pods"), "web");
            });
            assertEquals("""
                    {
                      "kind": "Status",
                      "apiVersion": "v1",
                      "metadata": {},
                      "status": "Failure",
                      "message": "pods \\"web\\" not found",
                      "reason": "NotFound",
                      "details": {
                        "name": "web",
                        "kind": "pods"
                      },
                      "code": 404
                    }""", curl(server.url("/missing")));
            assertEquals("""
                    apiVersion: v1
                    code: 404
                    details:
                      kind: pods
                      name: web
                    kind: Status
                    message: pods "web" not found
                    metadata: {}
                    reason: NotFound
                    status: Failure
                    """, curl("-H", "Accept: application/yaml", server.url("/missing")));
            String protobuf = curl("-H", "Accept: application/vnd.kubernetes.protobuf", server.url("/missing"));
            assertTrue(protobuf.startsWith("k8s\0"), protobuf);
        }
    }

    @Test
    void readsCertificatesAgainAndChoosesThemByName() throws Exception {
        Path certificate = folder.resolve("tls.crt");
        Path key = folder.resolve("tls.key");
        TestCertificates.named("first").writeTo(certificate, key);
        TlsSettings settings = new TlsSettings(
                new CertificateSource.Files(certificate, key),
                List.of(
                        new TlsSettings.Named(
                                TestCertificates.named("named", "named.test", "*.wild.test")
                                        .source(),
                                List.of()),
                        new TlsSettings.Named(TestCertificates.named("forced").source(), List.of("forced.test"))),
                "TLSv1.2",
                List.of(),
                List.of(),
                Duration.ofHours(1));
        try (TestServer server = TestServer.tls(settings)) {
            assertTrue(subject(server, "127.0.0.1").contains("CN=first"));
            assertTrue(subject(server, "named.test").contains("CN=named"));
            assertTrue(subject(server, "a.wild.test").contains("CN=named"));
            assertTrue(subject(server, "forced.test").contains("CN=forced"));
            assertTrue(subject(server, "other.test").contains("CN=first"));

            Files.writeString(key, "rubbish");
            server.front.refreshCertificates();
            assertTrue(subject(server, "127.0.0.1").contains("CN=first"), "rubbish changes nothing");
            TestCertificates.named("second").writeTo(certificate, key);
            server.front.refreshCertificates();
            assertTrue(subject(server, "127.0.0.1").contains("CN=second"));
        }
    }

    /** As kubeadm writes keys. */
    @Test
    void readsKeysOfRsaInTheirOldForm() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2_048);
        PrivateKey key = generator.generateKeyPair().getPrivate();
        Path file = folder.resolve("rsa.key");
        Files.writeString(file, TestCertificates.pem(key));
        assertTrue(Files.readString(file).contains("BEGIN RSA PRIVATE KEY"));
        assertEquals(key, PemFiles.key(file));
    }

    private static String subject(TestServer server, String host) throws Exception {
        String address = "https://" + host + ":" + server.front.port() + "/hello";
        String out = curl("-v", "--connect-to", "::127.0.0.1:" + server.front.port(), address);
        assertFalse(out.isEmpty());
        return out;
    }
}
