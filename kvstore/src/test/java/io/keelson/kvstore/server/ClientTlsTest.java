package io.keelson.kvstore.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.MetadataUtils;
import io.keelson.kvstore.api.AuthEnableRequest;
import io.keelson.kvstore.api.AuthGrpc;
import io.keelson.kvstore.api.AuthRoleAddRequest;
import io.keelson.kvstore.api.AuthRoleGrantPermissionRequest;
import io.keelson.kvstore.api.AuthUserAddRequest;
import io.keelson.kvstore.api.AuthUserGrantRoleRequest;
import io.keelson.kvstore.api.CampaignRequest;
import io.keelson.kvstore.api.ElectionGrpc;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.LeaderKey;
import io.keelson.kvstore.api.LeaderRequest;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LockGrpc;
import io.keelson.kvstore.api.LockRequest;
import io.keelson.kvstore.api.Permission;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.ResignRequest;
import io.keelson.kvstore.api.UnlockRequest;
import io.keelson.raft.transport.TestAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Who gets in at a client port with TLS, and how those who do not are told. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClientTlsTest {
    private static final ByteString KEY = ByteString.copyFromUtf8("k");

    private final Path folder;
    private final TestAuthority authority;

    ClientTlsTest(@TempDir Path folder) {
        this.folder = folder;
        this.authority = new TestAuthority(folder, "authority");
    }

    private KvServer started(String... flags) throws Exception {
        List<String> all = TestServers.loneMember(folder.resolve("data"));
        all.removeIf(flag -> flag.contains("-client-urls="));
        all.addAll(List.of("--listen-client-urls=https://127.0.0.1:0", "--advertise-client-urls=https://127.0.0.1:0"));
        all.addAll(List.of(flags));
        return TestServers.start(all);
    }

    private static String[] with(TestAuthority.Issued issued, String... more) {
        List<String> flags =
                new ArrayList<>(List.of("--cert-file=" + issued.certFile(), "--key-file=" + issued.keyFile()));
        flags.addAll(List.of(more));
        return flags.toArray(String[]::new);
    }

    private static int port(KvServer server) {
        return server.clientUrls().getFirst().port();
    }

    private interface Calls {
        void make(ManagedChannel channel) throws Exception;
    }

    /** Makes calls as a client that trusts a file and shows a certificate, or none. */
    private static void as(KvServer server, Path trusted, TestAuthority.@Nullable Issued shown, Calls calls)
            throws Exception {
        TlsChannelCredentials.Builder credentials =
                TlsChannelCredentials.newBuilder().trustManager(trusted.toFile());
        if (shown != null) {
            credentials.keyManager(shown.certFile().toFile(), shown.keyFile().toFile());
        }
        ManagedChannel channel = Grpc.newChannelBuilder("127.0.0.1:" + port(server), credentials.build())
                .build();
        try {
            calls.make(channel);
        } finally {
            channel.shutdownNow();
            boolean _ = channel.awaitTermination(5, TimeUnit.SECONDS);
        }
    }

    private static void put(ManagedChannel channel) {
        var _ = KVGrpc.newBlockingStub(channel)
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .put(PutRequest.newBuilder().setKey(KEY).setValue(KEY).build());
    }

    private void assertNotLetIn(KvServer server, TestAuthority.@Nullable Issued shown) throws Exception {
        as(server, authority.caFile(), shown, channel -> {
            Status status = assertThrows(StatusRuntimeException.class, () -> put(channel))
                    .getStatus();
            assertEquals(Status.Code.UNAVAILABLE, status.getCode(), status.toString());
        });
    }

    @Test
    void withoutClientCertAuthAnybodyWhoTrustsTheServerGetsIn() throws Exception {
        try (KvServer server = started(with(authority.issue("server")))) {
            as(server, authority.caFile(), null, ClientTlsTest::put);
            as(server, authority.caFile(), authority.issue("client"), ClientTlsTest::put);
            TestAuthority other = new TestAuthority(folder, "other");
            as(server, other.caFile(), null, channel -> {
                assertThrows(StatusRuntimeException.class, () -> put(channel));
            });
        }
    }

    @Test
    void withClientCertAuthOnlyCertificatesOfTheAuthorityGetIn() throws Exception {
        TestAuthority strangers = new TestAuthority(Files.createDirectories(folder.resolve("strangers")), "strangers");
        try (KvServer server = started(
                with(authority.issue("server"), "--trusted-ca-file=" + authority.caFile(), "--client-cert-auth"))) {
            as(server, authority.caFile(), authority.issue("client"), ClientTlsTest::put);
            assertNotLetIn(server, null);
            assertNotLetIn(server, strangers.issue("stranger"));
        }
    }

    @Test
    void anAuthorityAloneWantsItsCertificatesToo() throws Exception {
        try (KvServer server = started(with(authority.issue("server"), "--trusted-ca-file=" + authority.caFile()))) {
            as(server, authority.caFile(), authority.issue("client"), ClientTlsTest::put);
            assertNotLetIn(server, null);
        }
    }

    @Test
    void revokedCertificatesAreNotLetInAlsoWhenTheyAreRevokedLater() throws Exception {
        TestAuthority.Issued revoked = authority.issue("revoked");
        TestAuthority.Issued later = authority.issue("later");
        Path list = authority.revoke(revoked.certificate());
        try (KvServer server = started(with(
                authority.issue("server"),
                "--trusted-ca-file=" + authority.caFile(),
                "--client-cert-auth",
                "--client-crl-file=" + list))) {
            assertNotLetIn(server, revoked);
            as(server, authority.caFile(), later, ClientTlsTest::put);
            var _ = authority.revoke(revoked.certificate(), later.certificate());
            TestServers.await("the new list to be read", () -> {
                try {
                    as(server, authority.caFile(), later, ClientTlsTest::put);
                    return false;
                } catch (StatusRuntimeException e) {
                    return true;
                }
            });
            as(server, authority.caFile(), authority.issue("another"), ClientTlsTest::put);
        }
    }

    @Test
    void onlyAllowedHostNamesAreLetIn() throws Exception {
        try (KvServer server = started(with(
                authority.issue("server"),
                "--trusted-ca-file=" + authority.caFile(),
                "--client-cert-auth",
                "--client-cert-allowed-hostname=example.com"))) {
            // Certificates of this authority are for localhost.
            assertNotLetIn(server, authority.issue("client"));
        }
        try (KvServer server = started(with(
                authority.issue("server"),
                "--trusted-ca-file=" + authority.caFile(),
                "--client-cert-auth",
                "--client-cert-allowed-hostname=example.com,localhost"))) {
            as(server, authority.caFile(), authority.issue("client"), ClientTlsTest::put);
        }
        // An authority alone wants certificates, and what they have to be for counts as well.
        try (KvServer server = started(with(
                authority.issue("server"),
                "--trusted-ca-file=" + authority.caFile(),
                "--client-cert-allowed-hostname=example.com"))) {
            assertNotLetIn(server, authority.issue("client"));
            as(server, authority.caFile(), authority.issue("example.com"), ClientTlsTest::put);
        }
    }

    @Test
    void aListOfRevokedCertificatesAloneAsksForNone() throws Exception {
        Path list = authority.revoke(authority.issue("revoked").certificate());
        try (KvServer server = started(with(authority.issue("server"), "--client-crl-file=" + list))) {
            as(server, authority.caFile(), null, ClientTlsTest::put);
        }
        TestAuthority.Issued lost = authority.issue("lost");
        try (KvServer server = started(with(
                authority.issue("server"),
                "--trusted-ca-file=" + authority.caFile(),
                "--client-crl-file=" + authority.revoke(lost.certificate())))) {
            assertNotLetIn(server, lost);
            as(server, authority.caFile(), authority.issue("client"), ClientTlsTest::put);
        }
    }

    /** Adds a user with a role of the same name that has a permission. */
    private static void addUser(AuthGrpc.AuthBlockingStub auth, String name, Permission permission) {
        var _ = auth.userAdd(AuthUserAddRequest.newBuilder()
                .setName(name)
                .setPassword("secret")
                .build());
        var _ = auth.roleAdd(AuthRoleAddRequest.newBuilder().setName(name).build());
        var _ = auth.userGrantRole(AuthUserGrantRoleRequest.newBuilder()
                .setUser(name)
                .setRole(name)
                .build());
        if (!permission.getKey().isEmpty()) {
            var _ = auth.roleGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
                    .setName(name)
                    .setPerm(permission)
                    .build());
        }
    }

    @Test
    void usersByCertificateLockAndAreElected() throws Exception {
        try (KvServer server = started(
                with(authority.issue("server"), "--trusted-ca-file=" + authority.caFile(), "--client-cert-auth"))) {
            as(server, authority.caFile(), authority.issue("root"), channel -> {
                AuthGrpc.AuthBlockingStub auth = AuthGrpc.newBlockingStub(channel);
                addUser(auth, "root", Permission.getDefaultInstance());
                addUser(
                        auth,
                        "worker",
                        Permission.newBuilder()
                                .setKey(bytes("mine/"))
                                .setRangeEnd(bytes("mine0"))
                                .setPermType(Permission.Type.READWRITE)
                                .build());
                var _ = auth.authEnable(AuthEnableRequest.getDefaultInstance());
            });
            as(server, authority.caFile(), authority.issue("worker"), channel -> {
                long lease = LeaseGrpc.newBlockingStub(channel)
                        .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build())
                        .getID();
                LockGrpc.LockBlockingStub locks =
                        LockGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
                ByteString held = locks.lock(lock("mine/lock", lease)).getKey();
                assertEquals("mine/lock/" + Long.toHexString(lease), held.toStringUtf8());
                ElectionGrpc.ElectionBlockingStub elections =
                        ElectionGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
                LeaderKey leader = elections
                        .campaign(CampaignRequest.newBuilder()
                                .setName(bytes("mine/election"))
                                .setLease(lease)
                                .setValue(bytes("me"))
                                .build())
                        .getLeader();
                assertEquals(
                        "me",
                        elections
                                .leader(LeaderRequest.newBuilder()
                                        .setName(bytes("mine/election"))
                                        .build())
                                .getKv()
                                .getValue()
                                .toStringUtf8());
                var _ = elections.resign(
                        ResignRequest.newBuilder().setLeader(leader).build());
                var _ = locks.unlock(UnlockRequest.newBuilder().setKey(held).build());
                Status status = assertThrows(StatusRuntimeException.class, () -> locks.lock(lock("others/lock", lease)))
                        .getStatus();
                assertEquals("etcdserver: permission denied", status.getDescription());
            });
            // What hands a credential on inside the process says nothing when it comes from outside.
            as(server, authority.caFile(), authority.issue("nobody"), channel -> {
                Metadata forged = new Metadata();
                forged.put(
                        Metadata.Key.of("keelson-credential-bin", Metadata.BINARY_BYTE_MARSHALLER),
                        "root".getBytes(US_ASCII));
                Channel asRoot =
                        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(forged));
                assertThrows(
                        StatusRuntimeException.class,
                        () -> LockGrpc.newBlockingStub(asRoot)
                                .withDeadlineAfter(20, TimeUnit.SECONDS)
                                .lock(lock("mine/lock", 0)));
                assertThrows(
                        StatusRuntimeException.class,
                        () -> KVGrpc.newBlockingStub(asRoot)
                                .withDeadlineAfter(20, TimeUnit.SECONDS)
                                .range(RangeRequest.newBuilder().setKey(KEY).build()));
            });
        }
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static LockRequest lock(String name, long lease) {
        return LockRequest.newBuilder().setName(bytes(name)).setLease(lease).build();
    }

    @Test
    void theCommonNameOfACertificateIsAUser() throws Exception {
        try (KvServer server = started(
                with(authority.issue("server"), "--trusted-ca-file=" + authority.caFile(), "--client-cert-auth"))) {
            TestAuthority.Issued root = authority.issue("root");
            TestAuthority.Issued reader = authority.issue("reader");
            as(server, authority.caFile(), root, channel -> {
                AuthGrpc.AuthBlockingStub auth = AuthGrpc.newBlockingStub(channel);
                put(channel);
                addUser(auth, "root", Permission.getDefaultInstance());
                addUser(
                        auth,
                        "reader",
                        Permission.newBuilder()
                                .setKey(KEY)
                                .setPermType(Permission.Type.READ)
                                .build());
                var _ = auth.authEnable(AuthEnableRequest.getDefaultInstance());
                put(channel);
            });
            as(server, authority.caFile(), reader, channel -> {
                assertEquals(
                        1,
                        KVGrpc.newBlockingStub(channel)
                                .range(RangeRequest.newBuilder().setKey(KEY).build())
                                .getCount());
                Status status = assertThrows(StatusRuntimeException.class, () -> put(channel))
                        .getStatus();
                assertEquals("etcdserver: permission denied", status.getDescription());
            });
            as(server, authority.caFile(), authority.issue("nobody"), channel -> {
                assertThrows(StatusRuntimeException.class, () -> put(channel));
            });
        }
    }

    /** A handshake by hand; the certificate that the server showed. */
    private X509Certificate handshake(KvServer server, String protocol, Path trusted) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (var in = Files.newInputStream(trusted)) {
            store.setCertificateEntry(
                    "ca",
                    java.security.cert.CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port(server))) {
            socket.setEnabledProtocols(new String[] {protocol});
            socket.startHandshake();
            assertEquals(protocol, socket.getSession().getProtocol());
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    /** Whether the server ends a connection before a time; what it says first does not matter. */
    private static boolean endsBefore(Socket socket, long endNanos) throws IOException {
        socket.setSoTimeout(Math.toIntExact(Math.max(1, TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime()))));
        try {
            byte[] _ = socket.getInputStream().readAllBytes();
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true;
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void whoDoesNotFinishTheHandshakeIsCutOffWhileOthersAreServed() throws Exception {
        // A record that is to hold 512 bytes of a greeting, and holds but its beginning.
        byte[] halfGreeting = {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3};
        byte[] halfHeader = {0x16, 3, 1};
        List<Socket> stalled = new ArrayList<>();
        try (KvServer server = started(with(authority.issue("server")))) {
            for (byte[] beginning : List.of(new byte[0], halfHeader, halfGreeting)) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), port(server));
                stalled.add(socket);
                socket.getOutputStream().write(beginning);
            }
            // They have ten seconds; after twenty gRPC would end them by itself.
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(16);
            as(server, authority.caFile(), null, ClientTlsTest::put);
            for (int i = 0; i < stalled.size(); i++) {
                assertTrue(endsBefore(stalled.get(i), end), "connection " + i + " is kept");
            }
        } finally {
            for (Socket socket : stalled) {
                socket.close();
            }
        }
    }

    @Test
    void aRenewedCertificateIsShownWithoutARestart() throws Exception {
        try (KvServer server = started(with(authority.issue("server")))) {
            X509Certificate before = handshake(server, "TLSv1.3", authority.caFile());
            TestAuthority.Issued renewed = authority.issue("server");
            assertNotEquals(before, renewed.certificate());
            TestServers.await(
                    "the new certificate",
                    () -> handshake(server, "TLSv1.3", authority.caFile()).equals(renewed.certificate()));
            // A file that cannot be read does not take the server out of service.
            Files.writeString(renewed.certFile(), "nonsense");
            // Files are looked at once a second.
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1_500);
            while (System.nanoTime() - end < 0) {
                assertEquals(renewed.certificate(), handshake(server, "TLSv1.3", authority.caFile()));
            }
        }
    }

    @Test
    void versionsAndCiphersThatAreNotAllowedEndInTheHandshake() throws Exception {
        try (KvServer server = started(with(authority.issue("server")))) {
            var _ = handshake(server, "TLSv1.2", authority.caFile());
            var _ = handshake(server, "TLSv1.3", authority.caFile());
        }
        try (KvServer server = started(with(authority.issue("server"), "--tls-min-version=TLS1.3"))) {
            assertThrows(SSLException.class, () -> handshake(server, "TLSv1.2", authority.caFile()));
            var _ = handshake(server, "TLSv1.3", authority.caFile());
        }
        try (KvServer server = started(with(authority.issue("server"), "--tls-max-version=TLS1.2"))) {
            assertThrows(SSLException.class, () -> handshake(server, "TLSv1.3", authority.caFile()));
            var _ = handshake(server, "TLSv1.2", authority.caFile());
        }
    }

    @Test
    void aGeneratedCertificateIsMadeOnceAndHoldsForTheAddress() throws Exception {
        Path made = folder.resolve("data").resolve("fixtures").resolve("client").resolve("cert.pem");
        X509Certificate first;
        try (KvServer server = started("--auto-tls")) {
            first = handshake(server, "TLSv1.3", made);
            as(server, made, null, ClientTlsTest::put);
        }
        try (KvServer server = started("--auto-tls")) {
            assertEquals(first, handshake(server, "TLSv1.3", made));
        }
    }

    private static String said(KvServer server, String bytes) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port(server))) {
            socket.setSoTimeout(15_000);
            socket.getOutputStream().write(bytes.getBytes(US_ASCII));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), US_ASCII);
        }
    }

    @Test
    void plaintextAtAPortWithTlsIsToldSoAndEnds() throws Exception {
        try (KvServer server = started(with(authority.issue("server")))) {
            String answer = said(server, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.0 400 Bad Request\r\n"), answer);
            assertTrue(answer.endsWith("Client sent an HTTP request to an HTTPS server.\n"), answer);
            var _ = said(server, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
            var _ = said(server, "\u0001\u0002nonsense");
            as(server, authority.caFile(), null, ClientTlsTest::put);
        }
    }

    @Test
    void certificatesThatCannotBeUsedAreNamed() {
        TestAuthority.Issued one = authority.issue("one");
        TestAuthority.Issued other = authority.issue("two");
        StartFailure mixed = assertThrows(
                StartFailure.class,
                () -> started("--cert-file=" + one.certFile(), "--key-file=" + other.keyFile())
                        .close());
        assertTrue(mixed.toString().contains(one.certFile().toString()), mixed.toString());
        StartFailure missing = assertThrows(
                StartFailure.class,
                () -> started("--cert-file=" + one.certFile(), "--key-file=" + folder.resolve("nothing"))
                        .close());
        assertTrue(missing.toString().contains("nothing"), missing.toString());
    }
}
