package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What nodes may ask for on behalf of their pods, and who may answer how. */
final class PodCertificateRequestsTest {
    private static final String PATH = "/apis/certificates.k8s.io/v1beta1/namespaces/default/podcertificaterequests";
    private static final String[] NODE = {"Impersonate-User", "system:node:one", "Impersonate-Group", "system:nodes"};
    private static final String[] JANE = {"Impersonate-User", "jane"};

    private static FlaggedServer server;
    private static Caller admin;
    private static KeyPair keys;
    private static String nodeUid;
    private static String podUid;
    private static String accountUid;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        server = FlaggedServer.start(
                folder,
                "--feature-gates=PodCertificateRequest=true",
                "--runtime-config=certificates.k8s.io/v1beta1=true",
                "--authorization-mode=Node,RBAC",
                "--enable-admission-plugins=NodeRestriction");
        admin = server.admin();
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        keys = generator.generateKeyPair();
        nodeUid = made("/api/v1/nodes", "{\"metadata\":{\"name\":\"one\"}}");
        accountUid = made("/api/v1/namespaces/default/serviceaccounts", "{\"metadata\":{\"name\":\"web\"}}");
        podUid = made("/api/v1/namespaces/default/pods", """
                {"metadata":{"name":"web"},"spec":{"nodeName":"one","serviceAccountName":"web",
                 "automountServiceAccountToken":false,"containers":[{"name":"main","image":"example/image"}]}}""");
        String group = "rbac.authorization.k8s.io";
        admin.post("/apis/" + group + "/v1/clusterroles", """
                        {"metadata":{"name":"answers"},"rules":[{"apiGroups":["certificates.k8s.io"],
                         "resources":["podcertificaterequests/status"],"verbs":["update"]}]}""").succeeded();
        admin.post("/apis/" + group + "/v1/clusterrolebindings", """
                        {"metadata":{"name":"answers"},"roleRef":{"apiGroup":"%1$s","kind":"ClusterRole","name":"answers"},
                         "subjects":[{"apiGroup":"%1$s","kind":"User","name":"jane"}]}""".formatted(group))
                .succeeded();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String made(String path, String object) throws Exception {
        return admin.post(path, object).succeeded().at("/metadata/uid");
    }

    private static String encoded(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** The key and a proof that is of some text. */
    private static String proof(String of) throws Exception {
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(keys.getPrivate());
        signature.update(of.getBytes(StandardCharsets.UTF_8));
        return "\"pkixPublicKey\":\"" + encoded(keys.getPublic().getEncoded()) + "\",\"proofOfPossession\":\""
                + encoded(signature.sign()) + "\",\"stubPKCS10Request\":\"\"";
    }

    private static String stub() throws Exception {
        return "\"stubPKCS10Request\":\""
                + encoded(new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=stub"), keys.getPublic())
                        .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
                        .getEncoded())
                + '"';
    }

    private static String request(String name, String key) {
        return """
                {"metadata":{"name":"%s"},"spec":{"signerName":"example.com/mesh","podName":"web","podUID":"%s",
                 "serviceAccountName":"web","serviceAccountUID":"%s","nodeName":"one","nodeUID":"%s",%s}}""".formatted(name, podUid, accountUid, nodeUid, key);
    }

    @Test
    void aNodeAsksForItsPods() throws Exception {
        admin.post(PATH, request("proved", proof(podUid)), NODE).succeeded();
        admin.post(PATH, request("stubbed", stub()), NODE).succeeded();
        assertEquals("86400", admin.get(PATH + "/stubbed").at("/spec/maxExpirationSeconds"));
        Deadline.await(() -> admin.get(PATH + "/stubbed", NODE).code() == 200);
        assertEquals(
                403,
                admin.get(PATH + "/stubbed", "Impersonate-User", "system:node:two", "Impersonate-Group", "system:nodes")
                        .code());
        assertEquals(
                422, admin.post(PATH, request("stolen", proof("other")), NODE).code());
        assertEquals(
                422,
                admin.post(PATH, request("empty", "\"stubPKCS10Request\":\"\""), NODE)
                        .code());
        assertEquals(
                422,
                admin.post(PATH, request("damaged", "\"stubPKCS10Request\":\"AAAA\""), NODE)
                        .code());
        assertEquals(
                422,
                admin.post(
                                PATH,
                                request("short", stub())
                                        .replace("\"nodeUID\"", "\"maxExpirationSeconds\":60,\"nodeUID\""))
                        .code());
    }

    @Test
    void aNodeAsksForNobodyElse() throws Exception {
        Caller.Answer other = admin.post(
                PATH,
                request("other", stub()),
                "Impersonate-User",
                "system:node:two",
                "Impersonate-Group",
                "system:nodes");
        assertEquals(403, other.code());
        assertTrue(
                other.at("/message")
                        .endsWith(
                                "PodCertificateRequest.Spec.NodeName=\"one\", which is not the requesting node \"two\""),
                other.text());
        Caller.Answer strange = admin.post(
                PATH,
                request("strange", stub()).replace("\"serviceAccountName\":\"web\"", "\"serviceAccountName\":\"root\""),
                NODE);
        assertEquals(403, strange.code());
        assertTrue(
                strange.at("/message")
                        .endsWith("contains serviceAccountName (\"root\") that differs from running pod (\"web\")"),
                strange.text());
        // What is another one now may be the right one in a moment.
        assertEquals(
                500,
                admin.post(PATH, request("late", stub()).replace(podUid, "gone"), NODE)
                        .code());
        assertEquals(
                500,
                admin.post(PATH, request("late", stub()).replace(nodeUid, "gone"), NODE)
                        .code());
        assertEquals(
                500,
                admin.post(PATH, request("late", stub()).replace(accountUid, "gone"), NODE)
                        .code());
    }

    private static String answered(String name, String status) throws Exception {
        String request = request(name, stub())
                .replace(
                        "{\"metadata\":{",
                        "{\"metadata\":{\"resourceVersion\":\""
                                + admin.get(PATH + "/" + name).at("/metadata/resourceVersion") + "\",");
        return request.substring(0, request.length() - 1) + ",\"status\":" + status + "}";
    }

    private static String condition(String type) {
        return "\"conditions\":[{\"type\":\"" + type + "\",\"status\":\"True\",\"reason\":\"Because\",\"message\":\"\","
                + "\"lastTransitionTime\":\"2026-05-01T12:00:00Z\"}]";
    }

    private static String issued(Instant from, Duration life, KeyPair to) throws Exception {
        Instant until = from.plus(life);
        byte[] certificate = new JcaX509v3CertificateBuilder(
                        new X500Name("CN=mesh"),
                        BigInteger.ONE,
                        Date.from(from),
                        Date.from(until),
                        new X500Name("CN=web"),
                        to.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
                .getEncoded();
        return "{" + condition("Issued") + ",\"certificateChain\":\"-----BEGIN CERTIFICATE-----\\n"
                + encoded(certificate) + "\\n-----END CERTIFICATE-----\\n\",\"notBefore\":\"" + from
                + "\",\"notAfter\":\"" + until + "\",\"beginRefreshAt\":\"" + until.minusSeconds(1800) + "\"}";
    }

    private static Caller.Answer answer(String name, String status, String... who) throws Exception {
        return admin.call("PUT", PATH + "/" + name + "/status", answered(name, status), who);
    }

    @Test
    void whoMaySignAnswersOnce() throws Exception {
        admin.post(PATH, request("answered", stub()), NODE).succeeded();
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        String good = issued(now, Duration.ofHours(2), keys);
        assertEquals(
                422,
                answer("answered", issued(now, Duration.ofHours(2), generator.generateKeyPair()))
                        .code());
        assertEquals(
                422,
                answer("answered", issued(now, Duration.ofMinutes(30), keys)).code());
        assertEquals(
                422, answer("answered", issued(now, Duration.ofDays(2), keys)).code());
        assertEquals(
                422,
                answer("answered", issued(now.minusSeconds(3600), Duration.ofHours(2), keys))
                        .code());
        assertEquals(422, answer("answered", "{" + condition("Issued") + "}").code());
        assertEquals(422, answer("answered", "{" + condition("Perhaps") + "}").code());
        Deadline.await(() -> answer("answered", good, JANE)
                .text()
                .contains("user not permitted to sign requests with signerName \\\"example.com/mesh\\\""));
        answer("answered", good).succeeded();
        assertEquals(422, answer("answered", "{" + condition("Denied") + "}").code());
    }

    @Test
    void aRequestIsDenied() throws Exception {
        admin.post(PATH, request("denied", stub()), NODE).succeeded();
        assertEquals(
                422,
                answer("denied", "{" + condition("Denied") + ",\"certificateChain\":\"x\"}")
                        .code());
        answer("denied", "{" + condition("Denied") + "}").succeeded();
        assertEquals("Denied", admin.get(PATH + "/denied").at("/status/conditions/0/type"));
    }
}
