package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.certs.CertificateAuthority;
import io.keelson.apiserver.certs.CertificateProfile;
import io.keelson.apiserver.certs.Credential;
import io.keelson.apiserver.certs.Pem;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.store.EtcdStore;
import io.keelson.apiserver.store.StoreOptions;
import io.keelson.apiserver.store.TestEtcd;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command line that kubeadm writes into a static pod, with the files that it makes, in front of a store with TLS. */
final class KubeadmFlagsTest {
    /** Where members of the cluster are told to find the server: an address for documentation (RFC 5737). */
    private static final String ADVERTISED = "192.0.2.10";

    private static Path pki;
    private static CertificateAuthority authority;
    private static CertificateAuthority frontProxyAuthority;
    private static TestEtcd store;
    private static ApiServer server;
    private static int port;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        pki = folder.resolve("pki");
        Files.createDirectories(pki.resolve("etcd"));
        Instant now = Instant.now();
        authority = CertificateAuthority.create("kubernetes", now);
        frontProxyAuthority = CertificateAuthority.create("front-proxy-ca", now);
        CertificateAuthority etcdAuthority = CertificateAuthority.create("etcd-ca", now);
        write("ca", authority.certificate());
        write("front-proxy-ca", frontProxyAuthority.certificate());
        write("etcd/ca", etcdAuthority.certificate());
        write(
                "apiserver",
                authority.issue(CertificateProfile.server("kube-apiserver", List.of("127.0.0.1", ADVERTISED)), now));
        write(
                "apiserver-kubelet-client",
                authority.issue(
                        CertificateProfile.client("kube-apiserver-kubelet-client", "kubeadm:cluster-admins"), now));
        write("front-proxy-client", frontProxyAuthority.issue(CertificateProfile.client("front-proxy-client"), now));
        write("etcd/server", etcdAuthority.issue(CertificateProfile.server("etcd", List.of("127.0.0.1")), now));
        write("apiserver-etcd-client", etcdAuthority.issue(CertificateProfile.client("apiserver-etcd-client"), now));
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair accounts = generator.generateKeyPair();
        Files.write(pki.resolve("sa.key"), Pem.encode(accounts.getPrivate()));
        Files.write(pki.resolve("sa.pub"), Pem.encode(accounts.getPublic()));

        String etcd = "https://127.0.0.1:" + TestEtcd.freePort();
        store = TestEtcd.embedded(
                folder.resolve("etcd"),
                "--listen-client-urls=" + etcd,
                "--advertise-client-urls=" + etcd,
                "--cert-file=" + pki.resolve("etcd/server.crt"),
                "--key-file=" + pki.resolve("etcd/server.key"),
                "--client-cert-auth=true",
                "--trusted-ca-file=" + pki.resolve("etcd/ca.crt"));
        port = TestEtcd.freePort();
        ApiServerCommand command = new ApiServerCommand();
        var _ = new CommandLine(command)
                .parseArgs(
                        "--advertise-address=" + ADVERTISED,
                        "--allow-privileged=true",
                        "--authorization-mode=Node,RBAC",
                        "--client-ca-file=" + pki.resolve("ca.crt"),
                        "--enable-admission-plugins=NodeRestriction",
                        "--enable-bootstrap-token-auth=true",
                        "--etcd-cafile=" + pki.resolve("etcd/ca.crt"),
                        "--etcd-certfile=" + pki.resolve("apiserver-etcd-client.crt"),
                        "--etcd-keyfile=" + pki.resolve("apiserver-etcd-client.key"),
                        "--etcd-servers=" + etcd,
                        "--kubelet-client-certificate=" + pki.resolve("apiserver-kubelet-client.crt"),
                        "--kubelet-client-key=" + pki.resolve("apiserver-kubelet-client.key"),
                        "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
                        "--proxy-client-cert-file=" + pki.resolve("front-proxy-client.crt"),
                        "--proxy-client-key-file=" + pki.resolve("front-proxy-client.key"),
                        "--requestheader-allowed-names=front-proxy-client",
                        "--requestheader-client-ca-file=" + pki.resolve("front-proxy-ca.crt"),
                        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
                        "--requestheader-group-headers=X-Remote-Group",
                        "--requestheader-username-headers=X-Remote-User",
                        "--secure-port=" + port,
                        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
                        "--service-account-key-file=" + pki.resolve("sa.pub"),
                        "--service-account-signing-key-file=" + pki.resolve("sa.key"),
                        "--service-cluster-ip-range=10.96.0.0/12",
                        "--tls-cert-file=" + pki.resolve("apiserver.crt"),
                        "--tls-private-key-file=" + pki.resolve("apiserver.key"));
        ApiServerConfig config = command.config();
        assertNull(config.certificateFolder(), "all that has to last is in files of others");
        server = ApiServer.start(config);
    }

    @AfterAll
    static void stop() {
        server.close();
        store.close();
    }

    private static void write(String name, Credential credential) throws Exception {
        write(name, credential.certificate());
        Files.write(pki.resolve(name + ".key"), Pem.encode(credential.key()));
    }

    private static void write(String name, X509Certificate certificate) throws Exception {
        Files.write(pki.resolve(name + ".crt"), Pem.encode(certificate));
    }

    /** Somebody who trusts kubeadm's authority, and nobody else. */
    private static Caller caller(@Nullable Credential shown) throws Exception {
        return Caller.of(new RemoteServer(
                "https://127.0.0.1:" + port, List.of(authority.certificate()), shown, "", "", "", false));
    }

    private static Caller admin() throws Exception {
        return caller(
                authority.issue(CertificateProfile.client("kubernetes-super-admin", "system:masters"), Instant.now()));
    }

    @Test
    void theAdministratorGetsInByKubeadmsAuthority() throws Exception {
        try (Caller admin = admin()) {
            assertEquals(200, admin.get("/api/v1/namespaces").code());
            assertEquals(200, admin.get("/readyz").code());
            Caller.Answer core = admin.get("/api").succeeded();
            assertEquals(ADVERTISED + ":" + port, core.at("/serverAddressByClientCIDRs/0/serverAddress"));
            Deadline.await(() -> admin.get("/api/v1/namespaces/default/endpoints/kubernetes")
                    .at("/subsets/0/addresses/0/ip")
                    .equals(ADVERTISED));
        }
        try (Caller stranger = caller(null)) {
            assertEquals(403, stranger.get("/api/v1/namespaces").code());
        }
    }

    @Test
    void objectsAreInTheStoreBehindTls() throws Exception {
        try (Caller admin = admin()) {
            admin.post("/api/v1/namespaces", "{\"metadata\":{\"name\":\"kept\"}}")
                    .succeeded();
            try (EtcdStore raw = new EtcdStore(store.channel(), StoreOptions.DEFAULT)) {
                assertTrue(raw.get("/registry/namespaces/kept") != null);
            }
        }
    }

    @Test
    void nodesAreToldApartAndRestricted() throws Exception {
        Credential shown = authority.issue(CertificateProfile.client("system:node:one", "system:nodes"), Instant.now());
        try (Caller node = caller(shown)) {
            assertEquals(
                    201,
                    node.post("/api/v1/nodes", "{\"metadata\":{\"name\":\"one\"}}")
                            .code());
            Caller.Answer other = node.post("/api/v1/nodes", "{\"metadata\":{\"name\":\"two\"}}");
            assertEquals(403, other.code());
            assertTrue(
                    other.at("/message").contains("node \"one\" is not allowed to modify node \"two\""), other.text());
        }
    }

    @Test
    void nodesThatJoinShowATokenThatKubeadmMakes() throws Exception {
        try (Caller admin = admin();
                Caller joining = caller(null)) {
            admin.post("/api/v1/namespaces/kube-system/secrets", """
                            {"metadata":{"name":"bootstrap-token-abcdef"},"type":"bootstrap.kubernetes.io/token","stringData":
                             {"token-id":"abcdef","token-secret":"0123456789abcdef","usage-bootstrap-authentication":"true",
                              "auth-extra-groups":"system:bootstrappers:kubeadm:default-node-token"}}""").succeeded();
            Deadline.await(() -> joining.whoAmI("Authorization", "Bearer abcdef.0123456789abcdef")
                    .at("/status/userInfo/username")
                    .equals("system:bootstrap:abcdef"));
        }
    }

    @Test
    void theFrontProxyIsBelievedAndNobodyElse() throws Exception {
        String[] headers = {"X-Remote-User", "jane", "X-Remote-Group", "team", "X-Remote-Extra-Scope", "all"};
        Credential proxy = frontProxyAuthority.issue(CertificateProfile.client("front-proxy-client"), Instant.now());
        Credential other = frontProxyAuthority.issue(CertificateProfile.client("somebody"), Instant.now());
        try (Caller believed = caller(proxy);
                Caller unknown = caller(other)) {
            Caller.Answer jane = believed.whoAmI(headers).succeeded();
            assertEquals("jane", jane.at("/status/userInfo/username"));
            assertEquals("all", jane.at("/status/userInfo/extra/scope/0"));
            assertFalse(unknown.whoAmI(headers).at("/status/userInfo/username").equals("jane"));
        }
    }

    @Test
    void tokensOfServiceAccountsAreSignedWithKubeadmsKey() throws Exception {
        try (Caller admin = admin();
                Caller pod = caller(null)) {
            admin.post("/api/v1/namespaces/default/serviceaccounts", "{\"metadata\":{\"name\":\"app\"}}")
                    .succeeded();
            String token = admin.post(
                            "/api/v1/namespaces/default/serviceaccounts/app/token",
                            "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenRequest\",\"spec\":{}}")
                    .succeeded()
                    .at("/status/token");
            String claims =
                    new String(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]), StandardCharsets.UTF_8);
            assertTrue(claims.contains("\"iss\":\"https://kubernetes.default.svc.cluster.local\""), claims);
            assertEquals(
                    "system:serviceaccount:default:app",
                    pod.whoAmI("Authorization", "Bearer " + token).at("/status/userInfo/username"));
        }
    }
}
