package io.keelson.controllers.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients that show and trust the same have one TLS context, and believe nobody whom they were not told to believe. */
final class SharedTlsTest {
    private static final Interceptor NOBODY = new Interceptor() {};
    private static final Set<String> SESSIONS = ConcurrentHashMap.newKeySet();

    private static KeyPair keys;
    private static X509Certificate shown;
    private static HttpsServer server;

    @BeforeAll
    static void serve() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        keys = generator.generateKeyPair();
        shown = certificate("the server");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("it", keys.getPrivate(), new char[0], new Certificate[] {shown});
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> {
            byte[] answer = "{\"major\":\"1\",\"minor\":\"36\"}".getBytes(StandardCharsets.UTF_8);
            SESSIONS.add(exchange.getRemoteAddress().toString());
            exchange.sendResponseHeaders(200, answer.length);
            try (OutputStream body = exchange.getResponseBody()) {
                body.write(answer);
            }
        });
        server.start();
    }

    @AfterAll
    static void end() {
        server.stop(0);
    }

    /** One that vouches for itself, for the loopback address. */
    private static X509Certificate certificate(String name) throws Exception {
        Instant begin = Instant.now().minus(Duration.ofHours(1));
        X500Name subject = new X500Name("CN=" + name);
        return new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                subject,
                                BigInteger.ONE,
                                Date.from(begin),
                                Date.from(begin.plus(Duration.ofDays(1))),
                                subject,
                                keys.getPublic())
                        .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
                        .addExtension(
                                Extension.subjectAlternativeName,
                                false,
                                new GeneralNames(new GeneralName(GeneralName.iPAddress, "127.0.0.1")))
                        .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
    }

    private static Config trusting(X509Certificate authority) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
            pem.writeObject(authority);
        }
        return new ConfigBuilder(Config.empty())
                .withMasterUrl("https://127.0.0.1:" + server.getAddress().getPort())
                .withCaCertData(
                        Base64.getEncoder().encodeToString(text.toString().getBytes(StandardCharsets.US_ASCII)))
                .build();
    }

    private static SSLContext context(Config config) {
        return SharedTls.of(config)
                .orElseThrow()
                .createNewHttpClientBuilder()
                .build()
                .sslContext();
    }

    @Test
    void whoShowsAndTrustsTheSameHasOneContext() throws Exception {
        X509Certificate other = certificate("another");
        assertSame(context(trusting(shown)), context(trusting(shown)));
        assertNotSame(context(trusting(shown)), context(trusting(other)));
    }

    @Test
    void whatIsMoreThanAnAuthorityIsLeftToTheLibrary() throws Exception {
        Config all = new ConfigBuilder(trusting(shown)).withTrustCerts(true).build();
        Config store = new ConfigBuilder(trusting(shown))
                .withTrustStoreFile("/nowhere")
                .build();
        Config none = new ConfigBuilder(trusting(shown)).withCaCertData(null).build();
        Config broken = new ConfigBuilder(trusting(shown))
                .withCaCertData(Base64.getEncoder().encodeToString(new byte[] {1, 2, 3}))
                .build();
        for (Config config : List.of(all, store, none, broken)) {
            assertTrue(SharedTls.of(config).isEmpty());
        }
    }

    @Test
    void clientsOfOneContextReachTheServerEachByItsOwnConnection() throws Exception {
        SESSIONS.clear();
        try (KubernetesClient one = ApiClient.withCredentials(trusting(shown), List.of(), NOBODY);
                KubernetesClient two = ApiClient.withCredentials(trusting(shown), List.of(), NOBODY)) {
            assertEquals("36", one.getKubernetesVersion().getMinor());
            assertEquals("36", two.getKubernetesVersion().getMinor());
            assertFalse(one.getConfiguration().isTrustCerts());
        }
        assertEquals(2, SESSIONS.size());
    }

    @Test
    void aServerOfAnotherAuthorityIsNotBelieved() throws Exception {
        // Of the same key, so that nothing but its name tells it apart.
        Config config = trusting(certificate("another"));
        try (KubernetesClient client = ApiClient.withCredentials(config, List.of(), NOBODY)) {
            Throwable refused = assertThrows(KubernetesClientException.class, client::getKubernetesVersion);
            while (refused.getCause() != null && !(refused instanceof SSLException)) {
                refused = refused.getCause();
            }
            assertInstanceOf(SSLException.class, refused);
        }
    }
}
