package io.keelson.kvstore.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.ClusterGrpc;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.MemberAddRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.raft.transport.TestAuthority;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in among members, and who is not. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PeerTlsTest {
    private static final ByteString KEY = ByteString.copyFromUtf8("k");

    @TempDir
    Path folder = Path.of("");

    private static String[] flags(TestAuthority authority, TestAuthority.Issued issued, String... more) {
        List<String> flags = new java.util.ArrayList<>(List.of(
                "--peer-cert-file=" + issued.certFile(),
                "--peer-key-file=" + issued.keyFile(),
                "--peer-trusted-ca-file=" + authority.caFile(),
                "--peer-client-cert-auth"));
        flags.addAll(List.of(more));
        return flags.toArray(String[]::new);
    }

    private static void assertReplicates(TestKvCluster cluster) throws Exception {
        for (String writer : cluster.names()) {
            ByteString value = ByteString.copyFromUtf8(writer);
            var _ = cluster.kv(writer)
                    .put(PutRequest.newBuilder().setKey(KEY).setValue(value).build());
            for (String reader : cluster.names()) {
                assertEquals(
                        value,
                        cluster.kv(reader)
                                .range(RangeRequest.newBuilder().setKey(KEY).build())
                                .getKvs(0)
                                .getValue());
            }
        }
    }

    @Test
    void membersWithCertificatesOfOneAuthorityWorkTogetherAndAMemberJoinsThem() throws Exception {
        TestAuthority authority = new TestAuthority(folder, "peers");
        try (TestKvCluster cluster = new TestKvCluster(folder, "https", flags(authority, authority.issue("member")))) {
            cluster.startNew("m1", "m2", "m3");
            assertReplicates(cluster);
            var _ = ClusterGrpc.newBlockingStub(cluster.channel("m1"))
                    .memberAdd(MemberAddRequest.newBuilder()
                            .addPeerURLs(cluster.peerUrl("m4"))
                            .build());
            var _ = cluster.join("m4", List.of("m1", "m2", "m3", "m4"));
            assertReplicates(cluster);
        }
    }

    @Test
    void membersComeFromElsewhereThanTheirCertificatesSayIfTheyMay() throws Exception {
        TestAuthority authority = new TestAuthority(folder, "peers");
        TestAuthority.Issued elsewhere = authority.issueFor("elsewhere", "10.1.2.3");
        try (TestKvCluster cluster = new TestKvCluster(
                folder,
                "https",
                flags(
                        authority,
                        authority.issue("member"),
                        "--peer-client-cert-file=" + elsewhere.certFile(),
                        "--peer-client-key-file=" + elsewhere.keyFile(),
                        "--peer-skip-client-san-verification"))) {
            cluster.startNew("m1", "m2", "m3");
            assertReplicates(cluster);
        }
    }

    @Test
    void membersGoOverToAnotherAuthorityOneAfterTheOther() throws Exception {
        TestAuthority first = new TestAuthority(folder, "first");
        TestAuthority.Issued issued = first.issue("member");
        Path trusted = folder.resolve("trusted.crt");
        Files.copy(first.caFile(), trusted);
        try (TestKvCluster cluster = new TestKvCluster(
                folder,
                "https",
                "--peer-cert-file=" + issued.certFile(),
                "--peer-key-file=" + issued.keyFile(),
                "--peer-trusted-ca-file=" + trusted,
                "--peer-client-cert-auth")) {
            cluster.startNew("m1", "m2", "m3");
            assertReplicates(cluster);
            TestAuthority second = new TestAuthority(folder, "second");
            Files.writeString(trusted, Files.readString(first.caFile()) + Files.readString(second.caFile()));
            var _ = second.issue("member");
            for (String name : List.of("m1", "m2", "m3")) {
                cluster.stop(name);
                var _ = cluster.restart(name);
                var _ = cluster.awaitLeader();
            }
            assertReplicates(cluster);
        }
    }

    @Test
    void aMemberOfAnotherAuthorityIsNotLetIn() throws Exception {
        TestAuthority authority = new TestAuthority(folder, "peers");
        TestAuthority stranger = new TestAuthority(folder, "strangers");
        try (TestKvCluster cluster = new TestKvCluster(folder, "https", flags(authority, authority.issue("member")))) {
            cluster.startNew("m1");
            var _ = ClusterGrpc.newBlockingStub(cluster.channel("m1"))
                    .memberAdd(MemberAddRequest.newBuilder()
                            .addPeerURLs(cluster.peerUrl("m2"))
                            .setIsLearner(true)
                            .build());
            TestAuthority.Issued wrong = stranger.issue("stranger");
            StartFailure refused = assertThrows(
                    StartFailure.class, () -> cluster.join("m2", List.of("m1", "m2"), flags(stranger, wrong)));
            assertTrue(refused.toString().contains("cannot fetch cluster info from peer urls"), refused.toString());
        }
    }

    @Test
    void onlyAllowedNamesAreLetIn() throws Exception {
        TestAuthority authority = new TestAuthority(folder, "peers");
        TestAuthority.Issued member = authority.issue("member");
        TestAuthority.Issued other = authority.issue("other");
        try (TestKvCluster cluster =
                new TestKvCluster(folder, "https", flags(authority, member, "--peer-cert-allowed-cn=member"))) {
            cluster.startNew("m1");
            var _ = ClusterGrpc.newBlockingStub(cluster.channel("m1"))
                    .memberAdd(MemberAddRequest.newBuilder()
                            .addPeerURLs(cluster.peerUrl("m2"))
                            .setIsLearner(true)
                            .build());
            StartFailure refused = assertThrows(
                    StartFailure.class, () -> cluster.join("m2", List.of("m1", "m2"), flags(authority, other)));
            assertTrue(refused.toString().contains("cannot fetch cluster info from peer urls"), refused.toString());
            var _ = cluster.join("m2", List.of("m1", "m2"));
        }
    }

    /** What a stranger without a certificate hears first from a member's peer port; an exception if it hangs up. */
    private static int firstByte(TestKvCluster cluster, TestAuthority authority, String protocol) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream pem = Files.newInputStream(authority.caFile())) {
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        URI url = URI.create(cluster.peerUrl("m1"));
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(url.getHost(), url.getPort())) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            parameters.setProtocols(new String[] {protocol});
            socket.setSSLParameters(parameters);
            socket.setSoTimeout(20_000);
            socket.startHandshake();
            return socket.getInputStream().read();
        }
    }

    @Test
    void anAuthorityAloneWantsItsCertificatesToo() throws Exception {
        TestAuthority authority = new TestAuthority(folder, "peers");
        TestAuthority.Issued issued = authority.issue("member");
        String[] certificate = {"--peer-cert-file=" + issued.certFile(), "--peer-key-file=" + issued.keyFile()};
        try (TestKvCluster open = new TestKvCluster(folder.resolve("open"), "https", certificate)) {
            open.startNew("m1");
            assertTrue(firstByte(open, authority, "TLSv1.3") >= 0, "without an authority anybody is spoken to");
        }
        try (TestKvCluster closed = new TestKvCluster(
                folder.resolve("closed"),
                "https",
                certificate[0],
                certificate[1],
                "--peer-trusted-ca-file=" + authority.caFile())) {
            closed.startNew("m1");
            SSLException refused = assertThrows(SSLException.class, () -> firstByte(closed, authority, "TLSv1.3"));
            assertTrue(String.valueOf(refused.getMessage()).contains("certificate"), refused.toString());
        }
    }

    @Test
    void versionsOfTlsAreLimitedBetweenMembersToo() throws Exception {
        TestAuthority authority = new TestAuthority(folder, "peers");
        try (TestKvCluster cluster = new TestKvCluster(
                folder, "https", flags(authority, authority.issue("member"), "--tls-max-version=TLS1.2"))) {
            cluster.startNew("m1", "m2", "m3");
            assertReplicates(cluster);
            SSLException refused = assertThrows(SSLException.class, () -> firstByte(cluster, authority, "TLSv1.3"));
            assertTrue(String.valueOf(refused.getMessage()).contains("protocol_version"), refused.toString());
        }
    }

    @Test
    void generatedCertificatesEncryptBetweenMembers() throws Exception {
        try (TestKvCluster cluster = new TestKvCluster(folder, "https", "--peer-auto-tls")) {
            cluster.startNew("m1", "m2", "m3");
            assertReplicates(cluster);
            Path kept =
                    cluster.dataDir("m1").resolve("fixtures").resolve("peer").resolve("cert.pem");
            String before = Files.readString(kept);
            cluster.stop("m1");
            var _ = cluster.restart("m1");
            assertEquals(before, Files.readString(kept));
            assertReplicates(cluster);
        }
    }

    @Test
    void aMemberOfAnotherClusterIsRefusedAndDisturbsNobody() throws Exception {
        try (TestKvCluster one = new TestKvCluster(folder.resolve("one"), "http", "--initial-cluster-token=one");
                TestKvCluster two = new TestKvCluster(folder.resolve("two"), "http", "--initial-cluster-token=two")) {
            one.startNew("m1", "m2", "m3");
            two.startNew("m1", "m2", "m3");
            assertFalse(one.server("m1").clusterId() == two.server("m1").clusterId());
            assertReplicates(one);
            // Somebody gives the second cluster the address of a member of the first.
            Member added = ClusterGrpc.newBlockingStub(two.channel("m1"))
                    .memberAdd(MemberAddRequest.newBuilder()
                            .addPeerURLs(one.peerUrl("m1"))
                            .setIsLearner(true)
                            .build())
                    .getMember();
            assertReplicates(two);
            assertReplicates(one);
            String leader = two.awaitLeader();
            assertFalse(io.keelson.kvstore.api.MaintenanceGrpc.newBlockingStub(two.channel(leader))
                            .status(io.keelson.kvstore.api.StatusRequest.getDefaultInstance())
                            .getLeader()
                    == added.getID());
            assertEquals(3, one.names().size());
        }
    }
}
