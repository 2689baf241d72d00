package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import io.keelson.apiserver.certs.CertificateAuthority;
import io.keelson.apiserver.certs.CertificateProfile;
import io.keelson.apiserver.certs.Pem;
import io.keelson.apiserver.certs.SigningKey;
import io.keelson.apiserver.object.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Every way to show who one is, each switched on by its flags, on one server; and what is tried against them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AuthenticatedServerTest {
    private static final String SECRETS = "/api/v1/namespaces/kube-system/secrets";

    private final KeyPair issuerKey = SigningKey.RSA_2048.generate();
    private final KeyPair accountKey = SigningKey.EC_P256.generate();
    private CertificateAuthority clients;
    private CertificateAuthority proxies;
    private HttpsStub other;
    private ApiServer server;
    private Caller stranger;
    private Caller admin;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        clients = CertificateAuthority.create("clients", Instant.now());
        proxies = CertificateAuthority.create("proxies", Instant.now());
        other = new HttpsStub(this::answer);
        server = ApiServer.start(Flags.config(
                folder,
                "--client-ca-file=" + Files.write(folder.resolve("clients.crt"), Pem.encode(clients.certificate())),
                "--token-auth-file=" + Files.writeString(folder.resolve("tokens.csv"), """
                        s3cret,jane,17,"dev,ops"
                        """),
                "--enable-bootstrap-token-auth",
                "--requestheader-client-ca-file="
                        + Files.write(folder.resolve("proxies.crt"), Pem.encode(proxies.certificate())),
                "--requestheader-allowed-names=front,side",
                "--requestheader-username-headers=X-Remote-User",
                "--requestheader-uid-headers=X-Remote-Uid",
                "--requestheader-group-headers=X-Remote-Group",
                "--requestheader-extra-headers-prefix=X-Remote-Extra-",
                "--authentication-token-webhook-config-file=" + other.kubeconfig(folder, "hook"),
                "--authentication-token-webhook-version=v1",
                "--oidc-issuer-url=" + other.url(),
                "--oidc-ca-file=" + other.authorityFile(folder),
                "--oidc-client-id=kubernetes",
                "--oidc-username-claim=sub",
                "--oidc-groups-claim=groups",
                "--oidc-groups-prefix=oidc:",
                "--service-account-issuer=https://accounts.example",
                "--service-account-issuer=https://older.example",
                "--service-account-signing-key-file="
                        + Files.write(folder.resolve("own.key"), Pem.encode(accountKey.getPrivate())),
                "--service-account-max-token-expiration=1h",
                "--service-account-jwks-uri=https://keys.example/jwks",
                "--api-audiences=here,there"));
        stranger = Caller.stranger(server);
        admin = Caller.admin(server);
    }

    @AfterAll
    void stop() {
        stranger.close();
        admin.close();
        server.close();
        other.close();
    }

    private byte[] answer(String path, byte[] body) {
        ObjectNode answer = Json.object();
        if (path.equals("/keys")) {
            String keys = new JWKSet(new RSAKey.Builder((RSAPublicKey) issuerKey.getPublic())
                            .keyID("k")
                            .build())
                    .toString();
            return keys.getBytes(StandardCharsets.UTF_8);
        }
        if (path.endsWith("/openid-configuration")) {
            return Json.encode(answer.put("issuer", other.url()).put("jwks_uri", other.url() + "/keys"));
        }
        ObjectNode review = Json.parseObject(body);
        boolean known = review.at("/spec/token").asText().equals("hooked");
        ObjectNode status = review.putObject("status").put("authenticated", known);
        if (known) {
            status.putObject("user").put("username", "harry").putArray("groups").add("hooks");
        }
        return Json.encode(review);
    }

    private static String bearer(String token) {
        return "Bearer " + token;
    }

    private String nameOf(Caller caller, String... headers) throws Exception {
        return caller.whoAmI(headers).succeeded().at("/status/userInfo/username");
    }

    private String nameBy(String token) throws Exception {
        return nameOf(stranger, "Authorization", bearer(token));
    }

    private int codeBy(String token) throws Exception {
        return stranger.whoAmI("Authorization", bearer(token)).code();
    }

    @Test
    void tokensOfTheFile() throws Exception {
        Caller.Answer jane = stranger.whoAmI("Authorization", "Bearer s3cret").succeeded();
        assertEquals("jane", jane.at("/status/userInfo/username"));
        assertEquals("17", jane.at("/status/userInfo/uid"));
        assertEquals(
                "[\"dev\",\"ops\",\"system:authenticated\"]",
                jane.body().at("/status/userInfo/groups").toString());
        Caller.Answer unknown = stranger.whoAmI("Authorization", "Bearer s3creT");
        assertEquals(401, unknown.code());
        assertEquals("Unauthorized", unknown.at("/message"));
        assertFalse(unknown.text().contains("s3creT"));
    }

    @Test
    void tokensOfReviewsAreTheSame() throws Exception {
        Caller.Answer review =
                admin.post("/apis/authentication.k8s.io/v1/tokenreviews", """
                {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
                 "spec": {"token": "s3cret", "audiences": ["there", "elsewhere"]}}""").succeeded();
        assertEquals("jane", review.at("/status/user/username"));
        assertEquals("[\"there\"]", review.body().at("/status/audiences").toString());
    }

    @Test
    void certificatesOfAnotherAuthority() throws Exception {
        try (Caller john =
                Caller.showing(server, clients.issue(CertificateProfile.client("john", "dev"), Instant.now()))) {
            assertEquals("john", nameOf(john));
        }
        assertEquals("kubernetes-admin", nameOf(admin));
    }

    @Test
    void tokensOfAProvider() throws Exception {
        Caller.Answer known =
                stranger.whoAmI("Authorization", bearer(signed(claims()))).succeeded();
        assertEquals(other.url() + "#jane", known.at("/status/userInfo/username"));
        assertEquals("oidc:dev", known.at("/status/userInfo/groups/0"));
        assertEquals(401, codeBy(signed(claims().put("aud", "other"))));
        assertEquals(401, codeBy(signed(claims().put("exp", Instant.now().getEpochSecond() - 5))));
    }

    @Test
    void tokensThatAnotherServerKnows() throws Exception {
        assertEquals("harry", nameBy("hooked"));
        assertEquals(401, codeBy("crooked"));
    }

    private ObjectNode claims() {
        ObjectNode claims = Json.object().put("iss", other.url()).put("aud", "kubernetes");
        claims.put("sub", "jane").put("exp", Instant.now().getEpochSecond() + 600);
        claims.putArray("groups").add("dev");
        return claims;
    }

    private static String signed(JWSAlgorithm algorithm, JWSSigner signer, ObjectNode claims) throws JOSEException {
        JWSObject token =
                new JWSObject(new JWSHeader.Builder(algorithm).keyID("k").build(), new Payload(Json.encode(claims)));
        token.sign(signer);
        return token.serialize();
    }

    private String signed(ObjectNode claims) throws JOSEException {
        return signed(JWSAlgorithm.RS256, new RSASSASigner(issuerKey.getPrivate()), claims);
    }

    /** As in CVE-2018-1000531 and CVE-2020-28042: {@code none} as algorithm, no signature, or that of another token. */
    @Test
    void cve20181000531ATokenThatSaysItNeedsNoSignatureIsNone() throws Exception {
        String header = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.US_ASCII));
        String payload = Base64.getUrlEncoder().withoutPadding().encodeToString(Json.encode(claims()));
        assertEquals(401, codeBy(header + "." + payload + "."));
        String[] good = signed(claims()).split("\\.", -1);
        assertEquals(401, codeBy(good[0] + "." + payload.replace('a', 'b') + "." + good[2]));
        assertEquals(401, codeBy(good[0] + "." + good[1] + "."));
    }

    /** As in CVE-2015-9235, CVE-2016-5431 and CVE-2016-10555: the public key, which everybody has, taken for a shared secret. */
    @Test
    void cve20159235ATokenSignedWithThePublicKeyAsSecretIsNone() throws Exception {
        byte[] der = issuerKey.getPublic().getEncoded();
        for (byte[] secret : new byte[][] {der, Pem.encode(issuerKey.getPublic())}) {
            assertEquals(401, codeBy(signed(JWSAlgorithm.HS256, new MACSigner(secret), claims())));
        }
    }

    /** A token of one issuer that claims to be of the other. */
    @Test
    void aProvidersKeyMakesNoServiceAccounts() throws Exception {
        ObjectNode claims = claims().put("iss", "https://accounts.example").put("aud", "here");
        claims.put("sub", "system:serviceaccount:kube-system:default");
        assertEquals(401, codeBy(signed(claims)));
    }

    @Test
    void bootstrapTokens() throws Exception {
        admin.post(SECRETS, """
                {"metadata": {"name": "bootstrap-token-abcdef"}, "type": "bootstrap.kubernetes.io/token", "stringData": {
                 "token-id": "abcdef", "token-secret": "0123456789abcdef", "usage-bootstrap-authentication": "true",
                 "auth-extra-groups": "system:bootstrappers:kubeadm"}}""").succeeded();
        Caller.Answer node = stranger.whoAmI("Authorization", "Bearer abcdef.0123456789abcdef")
                .succeeded();
        assertEquals("system:bootstrap:abcdef", node.at("/status/userInfo/username"));
        assertTrue(node.text().contains("system:bootstrappers:kubeadm"));
        for (String wrong : new String[] {
            "abcdef.0123456789abcdee",
            "abcdef.",
            "abcdef.0123456789abcde",
            "ABCDEF.0123456789abcdef",
            "abcdeg.0123456789abcdef"
        }) {
            Caller.Answer refused = stranger.whoAmI("Authorization", bearer(wrong));
            assertEquals(401, refused.code(), wrong);
            assertEquals("Unauthorized", refused.at("/message"), "one answer, whatever is wrong");
        }
    }

    @Test
    void tokensInSecretsAreKeptTrackOf() throws Exception {
        String tracking =
                "/api/v1/namespaces/kube-system/configmaps/kube-apiserver-legacy-service-account-token-tracking";
        assertTrue(admin.get(tracking).succeeded().at("/data/since").matches("20\\d\\d-\\d\\d-\\d\\d"));
        Caller.Answer account = admin.post("/api/v1/namespaces/kube-system/serviceaccounts", """
                {"metadata": {"name": "old"}, "secrets": [{"name": "old-token"}]}""")
                .succeeded();
        ObjectNode claims = Json.object().put("iss", "kubernetes/serviceaccount");
        claims.put("sub", "system:serviceaccount:kube-system:old");
        claims.put("kubernetes.io/serviceaccount/namespace", "kube-system");
        claims.put("kubernetes.io/serviceaccount/secret.name", "old-token");
        claims.put("kubernetes.io/serviceaccount/service-account.name", "old");
        claims.put("kubernetes.io/serviceaccount/service-account.uid", account.at("/metadata/uid"));
        JWSObject signed = new JWSObject(new JWSHeader(JWSAlgorithm.ES256), new Payload(Json.encode(claims)));
        signed.sign(new ECDSASigner((ECPrivateKey) accountKey.getPrivate()));
        String token = signed.serialize();
        admin.post(SECRETS, "{\"metadata\": {\"name\": \"old-token\"}, \"stringData\": {\"token\": \"" + token + "\"}}")
                .succeeded();
        Caller.Answer old = stranger.whoAmI("Authorization", bearer(token)).succeeded();
        assertEquals("system:serviceaccount:kube-system:old", old.at("/status/userInfo/username"));
        assertTrue(old.warnings().toString().contains("instead of auto-generated"), old.warnings()::toString);
        assertTrue(admin.get(SECRETS + "/old-token")
                .succeeded()
                .at("/metadata/labels/kubernetes.io~1legacy-token-last-used")
                .matches("20\\d\\d-\\d\\d-\\d\\d"));
        String metrics = admin.get("/metrics").text();
        assertTrue(metrics.contains("\nserviceaccount_legacy_auto_token_uses_total 1"));
        assertTrue(metrics.contains("\nserviceaccount_legacy_tokens_total 1"));
        Caller.Answer review = admin.post(
                        "/apis/authentication.k8s.io/v1/tokenreviews", "{\"spec\": {\"token\": \"" + token + "\"}}")
                .succeeded();
        assertEquals("system:serviceaccount:kube-system:old", review.at("/status/user/username"));
        assertTrue(review.warnings().toString().contains("instead of auto-generated"), review.warnings()::toString);
    }

    @Test
    void aProxySpeaksForOthers() throws Exception {
        try (Caller proxy = Caller.showing(server, proxies.issue(CertificateProfile.client("front"), Instant.now()))) {
            Caller.Answer speaking = proxy.whoAmI(
                            "X-Remote-User", "jane",
                            "X-Remote-Uid", "u-1",
                            "X-Remote-Group", "dev",
                            "X-Remote-Group", "ops",
                            "X-Remote-Extra-Acme.com%2Fproject", "x")
                    .succeeded();
            assertEquals("jane", speaking.at("/status/userInfo/username"));
            assertEquals("u-1", speaking.at("/status/userInfo/uid"));
            assertTrue(speaking.text().contains("\"ops\""));
            assertEquals(
                    "x",
                    speaking.body()
                            .at("/status/userInfo/extra")
                            .path("acme.com/project")
                            .path(0)
                            .asText());
            assertEquals(401, proxy.whoAmI().code(), "a proxy that speaks for nobody is nobody");
        }
    }

    /** CWE-290: headers of a proxy, sent by somebody who is none. */
    @Test
    void headersOfAProxyFromAnybodyElseSayNothing() throws Exception {
        String[] smuggled = {"X-Remote-User", "kubernetes-admin", "X-Remote-Group", "system:masters"};
        assertEquals(403, stranger.get("/api/v1/namespaces", smuggled).code());
        assertTrue(stranger.get("/api/v1/namespaces", smuggled).text().contains("system:anonymous"));
        String[] withToken = {
            "X-Remote-User", "kubernetes-admin", "X-Remote-Group", "system:masters", "Authorization", "Bearer s3cret"
        };
        assertEquals("jane", nameOf(stranger, withToken));
        try (Caller john = Caller.showing(server, clients.issue(CertificateProfile.client("john"), Instant.now()));
                Caller namesake =
                        Caller.showing(server, clients.issue(CertificateProfile.client("front"), Instant.now()));
                Caller unknown =
                        Caller.showing(server, proxies.issue(CertificateProfile.client("back"), Instant.now()))) {
            assertEquals("john", nameOf(john, smuggled), "a client's own certificate counts, not what it says");
            assertEquals("front", nameOf(namesake, smuggled), "the name of a proxy, from the wrong authority");
            assertEquals(401, unknown.whoAmI(smuggled).code(), "the right authority, but a name that is not allowed");
        }
    }

    /** CWE-269: acting as somebody is a right like any other, for each user, group, UID and extra value. */
    @Test
    void nobodyBecomesAMasterByAskingForIt() throws Exception {
        String[] asMaster = {
            "Authorization",
            "Bearer s3cret",
            "Impersonate-User",
            "kubernetes-admin",
            "Impersonate-Group",
            "system:masters"
        };
        Caller.Answer refused = stranger.get("/api/v1/namespaces", asMaster);
        assertEquals(403, refused.code());
        assertTrue(refused.at("/message").contains("User \"jane\" cannot impersonate"), refused.text());
        // Who may become any user may not become a member of any group.
        admin.post("/apis/rbac.authorization.k8s.io/v1/clusterroles", """
                {"metadata": {"name": "impostor"}, "rules": [
                 {"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"]}]}""").succeeded();
        admin.post("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """
                {"metadata": {"name": "impostor"}, "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User",
                 "name": "jane"}], "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                 "name": "impostor"}}""")
                .succeeded();
        Deadline.await(() -> stranger.whoAmI("Authorization", "Bearer s3cret", "Impersonate-User", "joe")
                        .code()
                < 300);
        assertEquals(403, stranger.get("/api/v1/namespaces", asMaster).code());
        assertEquals(
                400,
                stranger.get(
                                "/api/v1/namespaces",
                                "Authorization",
                                "Bearer s3cret",
                                "Impersonate-Group",
                                "system:masters")
                        .code(),
                "a group without a user");
    }

    @Test
    void tokensOfServiceAccounts() throws Exception {
        admin.post("/api/v1/namespaces/default/serviceaccounts", "{\"metadata\": {\"name\": \"robot\"}}")
                .succeeded();
        Caller.Answer made = admin.post("/api/v1/namespaces/default/serviceaccounts/robot/token", """
                {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 7200}}""")
                .succeeded();
        assertEquals(3_600, made.body().at("/spec/expirationSeconds").asInt(), "no longer than the flag allows");
        assertEquals(
                List.of("299 - \"requested expiration of 7200 seconds shortened to 3600 seconds\""), made.warnings());
        String token = made.at("/status/token");
        assertEquals("system:serviceaccount:default:robot", nameBy(token));
        ObjectNode claims = Json.parseObject(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]));
        assertEquals("https://accounts.example", claims.path("iss").asText());
        assertEquals("[\"here\",\"there\"]", claims.path("aud").toString());
        Caller.Answer elsewhere = admin.post("/api/v1/namespaces/default/serviceaccounts/robot/token", """
                {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": ["vault"]}}""")
                .succeeded();
        assertEquals(401, codeBy(elsewhere.at("/status/token")), "meant for somebody else");
    }

    @Test
    void documentsForWhoeverChecksTokensOfServiceAccounts() throws Exception {
        Caller.Answer configuration =
                admin.get("/.well-known/openid-configuration").succeeded();
        assertEquals("https://accounts.example", configuration.at("/issuer"));
        assertEquals("https://keys.example/jwks", configuration.at("/jwks_uri"));
        assertEquals(
                "[\"ES256\"]",
                configuration
                        .body()
                        .path("id_token_signing_alg_values_supported")
                        .toString());
        Caller.Answer keys = admin.get("/openid/v1/jwks").succeeded();
        assertEquals("EC", keys.at("/keys/0/kty"));
        assertFalse(keys.text().contains("\"d\""), "public halves only");
        assertEquals(403, stranger.get("/openid/v1/jwks").code());
    }

    private static String refused(Path folder, String... flags) {
        return String.valueOf(assertThrows(
                        IOException.class,
                        () -> ApiServer.start(Flags.config(folder, flags)).close())
                .getMessage());
    }

    @Test
    void aFileThatCannotBeUsedIsNamedWithItsFlagAndLine(@TempDir Path folder) throws Exception {
        Path tokens = Files.writeString(folder.resolve("tokens.csv"), "a,jane,1\n\n\"b\nc\",joe,2\nd3adbeef,only\n");
        String columns = refused(folder, "--token-auth-file=" + tokens);
        assertEquals(
                "--token-auth-file: token file '" + tokens
                        + "' must have at least 3 columns (token, user name, user uid)," + " found 2 on line 5",
                columns);
        Files.writeString(tokens, "a,jane,1\nd3ad\"beef,jane,2\n");
        String quote = refused(folder, "--token-auth-file=" + tokens);
        assertTrue(quote.endsWith("parse error on line 2: bare \" in non-quoted-field"), quote);
        assertFalse((columns + quote).contains("d3ad"), "no token is shown");
        assertTrue(refused(folder, "--client-ca-file=" + folder.resolve("none")).startsWith("--client-ca-file: "));
    }
}
