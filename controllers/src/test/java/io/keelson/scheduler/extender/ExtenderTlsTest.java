package io.keelson.scheduler.extender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.keelson.controllers.manager.CertifiedKey;
import io.keelson.scheduler.config.SchedulerConfiguration.Extender;
import io.keelson.scheduler.config.SchedulerConfiguration.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Extenders that want to know who asks. */
final class ExtenderTlsTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"rsa:2048", "ec -pkeyopt ec_paramgen_curve:prime256v1"})
    void aCertificateIsShownWhateverItsKeyIs(String kind) throws Exception {
        make("client", kind);
        make("server", kind);
        CertifiedKey client = CertifiedKey.read(file("client.crt"), file("client.key"));
        KeyStore known = KeyStore.getInstance("PKCS12");
        known.load(null, null);
        known.setCertificateEntry("client", client.certificate());
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(known);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(
                CertifiedKey.read(file("server.crt"), file("server.key")).managers(), trusted.getTrustManagers(), null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters ours = tls.getDefaultSSLParameters();
                ours.setNeedClientAuth(true);
                parameters.setSSLParameters(ours);
            }
        });
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(204, -1);
            }
        });
        server.start();
        try {
            URI address = URI.create("https://127.0.0.1:" + server.getAddress().getPort() + "/");
            String crt = file("client.crt").toString();
            String key = file("client.key").toString();
            String authority = file("server.crt").toString();
            assertEquals(204, status(new Tls(false, null, crt, key, authority, null, null, null), address));
            assertEquals(
                    204,
                    status(
                            new Tls(false, null, null, key, authority, data("client.crt"), data("client.key"), null),
                            address));
            assertThrows(
                    IOException.class,
                    () -> status(new Tls(false, null, null, null, authority, null, null, null), address),
                    "who shows none is not let in");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void whatIsNoCertificateIsNamed() throws Exception {
        make("client", "rsa:2048");
        String crt = file("client.crt").toString();
        assertEquals(
                "extender https://x.example: tlsConfig: neither keyData nor keyFile is there",
                refusal(new Tls(false, null, crt, null, null, null, null, null)));
        String data = refusal(new Tls(false, null, crt, null, null, null, "bm9uZQ==", null));
        assertTrue(data.contains("its key has no private key in it"), data);
        String missing = refusal(new Tls(false, null, crt, "/nowhere/key", null, null, null, null));
        assertTrue(missing.contains("/nowhere/key"), missing);
    }

    private static String refusal(Tls tls) {
        return String.valueOf(assertThrows(
                        IllegalArgumentException.class, () -> ExtenderTls.client(extender("https://x.example", tls)))
                .getMessage());
    }

    private static int status(Tls tls, URI address) throws IOException, InterruptedException {
        try (HttpClient client = ExtenderTls.client(extender(address.toString(), tls))) {
            return client.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    private static Extender extender(String address, @Nullable Tls tls) {
        return new Extender(address, "filter", "", "", 1L, "", true, tls, "5s", false, List.of(), false);
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    private String data(String name) throws IOException {
        return Base64.getEncoder().encodeToString(Files.readAllBytes(file(name)));
    }

    /** One that vouches for itself. */
    private void make(String name, String kind) throws Exception {
        List<String> words = new ArrayList<>(List.of("openssl", "req", "-x509", "-nodes", "-days", "2", "-newkey"));
        words.addAll(List.of(kind.split(" ", -1)));
        words.addAll(List.of("-subj", "/CN=" + name, "-addext", "subjectAltName=IP:127.0.0.1"));
        words.addAll(List.of(
                "-keyout",
                file(name + ".key").toString(),
                "-out",
                file(name + ".crt").toString()));
        Process process = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(file("openssl.log").toFile())
                .start();
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue(), Files.readString(file("openssl.log")));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
