package io.keelson.apiserver.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.keelson.apiserver.errors.ApiException;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EtcdConnectionTest {
    private static final StoreOptions OPTIONS =
            StoreOptions.DEFAULT.withTimeouts(Duration.ofSeconds(20), Duration.ofSeconds(20));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://a:1",
                "http://",
                "http://a:b",
                "http://u@a:1",
                "http://a:1?x=y",
                "unix://",
                "unixs:///s",
                "",
                " "
            })
    void whatIsNoServerIsRefused(String url) {
        assertThrows(IllegalArgumentException.class, () -> EtcdConnection.to(List.of(url)));
    }

    @Test
    void serversAreReadAsFlagsHaveThem() {
        Endpoints endpoints = Endpoints.parse(List.of("https://a.example:2379", "https://[::1]:2379", "https://b"));
        assertEquals(new Endpoints(List.of("a.example:2379", "[::1]:2379", "b:443"), true), endpoints);
        assertEquals(endpoints.members(), Endpoints.membersOf(URI.create(endpoints.target())));
        assertThrows(
                IllegalArgumentException.class, () -> Endpoints.parse(List.of("https://a:1", "http://b:1")), "mixed");
        assertThrows(IllegalArgumentException.class, () -> Endpoints.parse(Collections.nCopies(65, "a:1")));
        assertThrows(IllegalArgumentException.class, () -> EtcdConnection.to(List.of()));
        EtcdConnection odd = new EtcdConnection(List.of("a:1"), null, null, null, "registry/");
        assertEquals("/registry", odd.prefix());
    }

    @Test
    void aUnixSocketIsTheOnlyServer() {
        assertEquals(
                Path.of("/run/etcd.sock"),
                Endpoints.parse(List.of("unix:///run/etcd.sock")).socket());
        assertEquals(
                Path.of("etcd.sock").toAbsolutePath(),
                Endpoints.parse(List.of("unix://etcd.sock")).socket());
        assertNull(Endpoints.parse(List.of("http://a:1")).socket());
        assertThrows(IllegalArgumentException.class, () -> Endpoints.parse(List.of("unix:///s", "http://a:1")));
    }

    @Test
    void aStoreIsReachedAtAUnixSocket() throws Exception {
        Path socket = folder.resolve("s");
        int port = TestEtcd.freePort();
        String url = "http://127.0.0.1:" + port;
        try (TestEtcd _ = TestEtcd.embedded(folder, "--listen-client-urls=" + url, "--advertise-client-urls=" + url);
                ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            var _ = Thread.startVirtualThread(() -> relay(listener, port));
            ManagedChannel channel =
                    EtcdConnection.to(List.of("unix://" + socket)).open();
            try (EtcdStore store = new EtcdStore(channel, OPTIONS)) {
                assertTrue(store.create("/k", "v".getBytes(UTF_8), 0) > 0);
                assertEquals(1, store.count("/k"));
            } finally {
                channel.shutdownNow();
            }
        }
    }

    /** Passes on what comes at a socket to a port, until the socket is closed. */
    private static void relay(ServerSocketChannel listener, int port) {
        while (true) {
            try {
                SocketChannel from = listener.accept();
                SocketChannel to = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                var _ = Thread.startVirtualThread(() -> pass(from, to));
                var _ = Thread.startVirtualThread(() -> pass(to, from));
            } catch (IOException e) {
                return;
            }
        }
    }

    private static void pass(SocketChannel from, SocketChannel to) {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        try (from;
                to) {
            while (from.read(buffer) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
                buffer.clear();
            }
        } catch (IOException e) {
            // The other direction has ended both.
        }
    }

    @Test
    void aServerThatIsAwayIsLeftOutAndFoundAgainWhenItIsBack() throws Exception {
        int port = TestEtcd.freePort();
        String url = "http://127.0.0.1:" + port;
        String nobody = "http://127.0.0.1:" + TestEtcd.freePort();
        String[] flags = {"--listen-client-urls=" + url, "--advertise-client-urls=" + url};
        ManagedChannel channel = EtcdConnection.to(List.of(nobody, url)).open();
        try (EtcdStore store = new EtcdStore(channel, OPTIONS)) {
            try (TestEtcd _ = TestEtcd.embedded(folder, flags)) {
                for (int i = 0; i < 20; i++) {
                    assertTrue(store.create("/k" + i, "v".getBytes(UTF_8), 0) > 0);
                }
            }
            EtcdStore impatient = new EtcdStore(
                    channel, StoreOptions.DEFAULT.withTimeouts(Duration.ofSeconds(5), Duration.ofMillis(100)));
            assertThrows(ApiException.class, () -> impatient.get("/k1"));
            try (TestEtcd _ = TestEtcd.embedded(folder.resolve("second"), flags)) {
                assertEquals(0, store.count("/k"));
            }
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void tlsAsksForTheClientsCertificateAndChecksTheServers() throws Exception {
        Issuer authority = Issuer.authority("ca");
        Path ca = authority.write(folder, "ca");
        authority.issue("server", true).write(folder, "server");
        authority.issue("client", false).write(folder, "client");
        String url = "https://127.0.0.1:" + TestEtcd.freePort();
        try (TestEtcd _ = TestEtcd.embedded(
                folder,
                "--listen-client-urls=" + url,
                "--advertise-client-urls=" + url,
                "--cert-file=" + folder.resolve("server.crt"),
                "--key-file=" + folder.resolve("server.key"),
                "--client-cert-auth=true",
                "--trusted-ca-file=" + ca)) {
            assertEquals(0, count(url, ca, "client"));
            ApiException anonymous = assertThrows(ApiException.class, () -> count(url, ca, null));
            assertEquals(503, anonymous.code());
            Path other = Issuer.authority("other").write(folder, "other");
            assertThrows(ApiException.class, () -> count(url, other, "client"), "a server of another authority");
        }
        assertThrows(IllegalArgumentException.class, () -> count(url, folder.resolve("missing"), null));
        assertThrows(
                IllegalArgumentException.class, () -> new EtcdConnection(List.of(url), null, ca, null, "/registry"));
    }

    private long count(String url, Path ca, @Nullable String client) throws Exception {
        Path cert = client == null ? null : folder.resolve(client + ".crt");
        Path key = client == null ? null : folder.resolve(client + ".key");
        ManagedChannel channel = new EtcdConnection(List.of(url), ca, cert, key, "/registry").open();
        try (EtcdStore store =
                new EtcdStore(channel, OPTIONS.withTimeouts(Duration.ofSeconds(20), Duration.ofMillis(500)))) {
            return store.count("/");
        } finally {
            channel.shutdownNow();
        }
    }

    /** A key and its certificate. */
    private record Issuer(KeyPair keys, X509Certificate certificate) {
        static Issuer authority(String name) throws Exception {
            KeyPair keys = pair();
            return new Issuer(keys, sign(name, keys, name, keys, true, false));
        }

        private static KeyPair pair() throws Exception {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        }

        Issuer issue(String name, boolean loopback) throws Exception {
            KeyPair pair = pair();
            String own = certificate.getSubjectX500Principal().getName().substring("CN=".length());
            return new Issuer(pair, sign(name, pair, own, keys, false, loopback));
        }

        private static X509Certificate sign(
                String name, KeyPair pair, String issuer, KeyPair signing, boolean authority, boolean loopback)
                throws Exception {
            Instant now = Instant.now();
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    new X500Principal("CN=" + issuer),
                    BigInteger.valueOf(System.nanoTime()),
                    Date.from(now.minusSeconds(60)),
                    Date.from(now.plusSeconds(3600)),
                    new X500Principal("CN=" + name),
                    pair.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (loopback) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(new GeneralName(GeneralName.iPAddress, "127.0.0.1")));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signing.getPrivate())));
        }

        Path write(Path in, String name) throws Exception {
            pem(in.resolve(name + ".key"), "PRIVATE KEY", keys.getPrivate().getEncoded());
            return pem(in.resolve(name + ".crt"), "CERTIFICATE", certificate.getEncoded());
        }

        private static Path pem(Path file, String type, byte[] der) throws Exception {
            String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
            return Files.writeString(file, "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n");
        }
    }
}
