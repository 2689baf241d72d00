package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import io.keelson.apiserver.certs.SigningKey;
import io.keelson.apiserver.object.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPair;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Authentication and authorization by configuration files, which change while the server runs. */
class StructuredAccessTest {
    private static final String AUTHENTICATION =
            "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n";
    private static final String AUTHORIZATION =
            "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\nauthorizers:\n";
    private static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String SECRETS = "/api/v1/namespaces/default/secrets";

    @TempDir
    private Path folder;

    private final KeyPair key = SigningKey.EC_P256.generate();
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();
    private HttpsStub other;

    @BeforeEach
    void begin() throws Exception {
        other = new HttpsStub(this::answer);
    }

    @AfterEach
    void end() {
        other.close();
    }

    /** A provider of tokens; and somebody who decides: yes to config maps, no to secrets, nothing to the rest. */
    private byte[] answer(String path, byte[] body) {
        if (path.equals("/keys")) {
            ECKey shown = new ECKey.Builder(Curve.P_256, (ECPublicKey) key.getPublic())
                    .keyID("k")
                    .build();
            return new JWKSet(shown).toString().getBytes(StandardCharsets.UTF_8);
        }
        if (path.endsWith("/openid-configuration")) {
            return Json.encode(Json.object().put("issuer", other.url()).put("jwks_uri", other.url() + "/keys"));
        }
        ObjectNode review = Json.parseObject(body);
        asked.add(review.at("/spec/user").asText() + " "
                + review.path("apiVersion").asText());
        String resource = review.at("/spec/resourceAttributes/resource").asText();
        ObjectNode status = review.putObject("status").put("allowed", resource.equals("configmaps"));
        if (resource.equals("secrets")) {
            status.put("denied", true).put("reason", "secrets are secret");
        }
        return Json.encode(review);
    }

    private Path tokens() throws IOException {
        return Files.writeString(folder.resolve("tokens"), "t1,jane,1\nt2,joe,2\n");
    }

    /** Puts a file in the place of another as a whole, as configurations are to be changed. */
    private static void replace(Path file, String content) throws IOException {
        Path next = Files.writeString(file.resolveSibling("next"), content);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private String issuer() {
        return """
                jwt:
                - issuer:
                    url: %s
                    audiences: [kubernetes]
                    certificateAuthority: |
                %s
                  claimMappings:
                    username: {expression: "'oidc:' + claims.name"}
                    groups: {claim: groups, prefix: ''}
                  claimValidationRules: [{expression: 'claims.level > 3', message: too low}]
                """.formatted(other.url(), other.authorityPem().indent(6).stripTrailing());
    }

    private String token(int level) throws Exception {
        ObjectNode claims =
                Json.object().put("iss", other.url()).put("aud", "kubernetes").put("sub", "x");
        claims.put("name", "jane").put("level", level).put("exp", Instant.now().getEpochSecond() + 600);
        JWSObject token = new JWSObject(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("k").build(), new Payload(Json.encode(claims)));
        token.sign(new ECDSASigner((ECPrivateKey) key.getPrivate()));
        return "Bearer " + token.serialize();
    }

    @Test
    void providersComeAndGoWithTheirConfiguration() throws Exception {
        String anonymous = "anonymous: {enabled: true, conditions: [{path: /livez}]}\n";
        Path file = Files.writeString(folder.resolve("authn.yaml"), AUTHENTICATION + anonymous);
        try (ApiServer server = ApiServer.start(Flags.config(folder, "--authentication-config=" + file));
                Caller stranger = Caller.stranger(server)) {
            assertEquals(200, stranger.get("/livez").code());
            assertEquals(401, stranger.get("/version").code(), "anonymous elsewhere");
            assertEquals(401, stranger.whoAmI("Authorization", token(4)).code());
            replace(file, AUTHENTICATION + issuer() + anonymous);
            Deadline.await(() -> stranger.whoAmI("Authorization", token(4)).code() == 201);
            assertEquals("oidc:jane", stranger.whoAmI("Authorization", token(4)).at("/status/userInfo/username"));
            assertEquals(401, stranger.whoAmI("Authorization", token(3)).code(), "against the rule");
            replace(file, AUTHENTICATION + "jwt: [{issuer: {}}]\n");
            // A configuration that makes no sense changes nothing; one that does, later on, does.
            assertEquals(201, stranger.whoAmI("Authorization", token(4)).code());
            replace(file, AUTHENTICATION + "anonymous: {enabled: false}\n");
            Deadline.await(() -> stranger.whoAmI("Authorization", token(4)).code() == 401);
            assertEquals(401, stranger.get("/livez").code());
        }
    }

    private String refused(String... flags) {
        return String.valueOf(assertThrows(
                        IOException.class,
                        () -> ApiServer.start(Flags.config(folder, flags)).close())
                .getMessage());
    }

    @Test
    void configurationsThatCannotBeUsedSayWhy() throws Exception {
        Path file = folder.resolve("authn.yaml");
        String flag = "--authentication-config=" + file;
        Files.writeString(file, AUTHENTICATION + "anonymous: {enabled: true}\n");
        assertEquals(
                "--authentication-config: " + file + ": --anonymous-auth flag cannot be set when anonymous field is"
                        + " configured in authentication configuration file",
                refused(flag, "--anonymous-auth=false"));
        Files.writeString(file, AUTHENTICATION + "jwt: [{isuer: {}}]\n");
        assertEquals(
                "--authentication-config: " + file + ": strict decoding error: unknown field \"jwt[0].isuer\"",
                refused(flag));
        Files.writeString(file, AUTHENTICATION + issuer());
        assertTrue(refused(flag, "--service-account-issuer=" + other.url())
                .contains("jwt[0].issuer.url: Invalid value: \"" + other.url()
                        + "\": URL must not overlap with disallowed issuers"));
        Path authz = Files.writeString(
                folder.resolve("authz.yaml"), AUTHORIZATION + "- {type: RBAC, name: a}\n- {type: RBAC, name: b}\n");
        assertEquals(
                "--authorization-config: " + authz + ": authorizers[1].type: Duplicate value: \"RBAC\"",
                refused("--authorization-config=" + authz));
    }

    @Test
    void webhooksDecideAboutWhomTheirConditionsName() throws Exception {
        Path hook = other.kubeconfig(folder, "hook");
        String webhook = """
                - type: Webhook
                  name: hook
                  webhook:
                    timeout: 3s
                    subjectAccessReviewVersion: v1
                    matchConditionSubjectAccessReviewVersion: v1
                    failurePolicy: Deny
                    cacheAuthorizedRequests: false
                    cacheUnauthorizedRequests: false
                    connectionInfo: {type: KubeConfigFile, kubeConfigFile: '%s'}
                    matchConditions:
                    - expression: request.user == 'jane'
                    - expression: has(request.resourceAttributes)
                """.formatted(hook);
        String rbac = "- {type: RBAC, name: rbac}\n";
        Path file = Files.writeString(folder.resolve("authz.yaml"), AUTHORIZATION + webhook + rbac);
        try (ApiServer server = ApiServer.start(
                        Flags.config(folder, "--authorization-config=" + file, "--token-auth-file=" + tokens()));
                Caller caller = Caller.stranger(server);
                Caller admin = Caller.admin(server)) {
            assertEquals(
                    200, caller.get(CONFIG_MAPS, "Authorization", "Bearer t1").code());
            assertEquals(
                    403, caller.get(CONFIG_MAPS, "Authorization", "Bearer t2").code());
            assertEquals("jane authorization.k8s.io/v1", asked.remove());
            assertTrue(asked.isEmpty(), "joe is nobody it is asked about");
            admin.post("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """
                    {"metadata": {"name": "all"}, "subjects": [
                      {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "jane"},
                      {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "joe"}],
                     "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}}""")
                    .succeeded();
            Deadline.await(
                    () -> caller.get(SECRETS, "Authorization", "Bearer t2").code() == 200);
            Caller.Answer denied = caller.get(SECRETS, "Authorization", "Bearer t1");
            assertEquals(403, denied.code(), "a denial is final");
            assertTrue(denied.at("/message").endsWith(": secrets are secret"), denied.text());
            replace(file, AUTHORIZATION + rbac);
            Deadline.await(
                    () -> caller.get(SECRETS, "Authorization", "Bearer t1").code() == 200);
        }
    }

    @Test
    void aWebhookThatCannotBeAskedDeniesOrHasNoOpinion() throws Exception {
        Path hook = other.kubeconfig(folder, "hook");
        try (ApiServer server = ApiServer.start(Flags.config(
                        folder,
                        "--authorization-mode=Webhook,RBAC",
                        "--authorization-webhook-config-file=" + hook,
                        "--authorization-webhook-cache-authorized-ttl=1h",
                        "--token-auth-file=" + tokens()));
                Caller caller = Caller.stranger(server);
                Caller admin = Caller.admin(server)) {
            assertEquals(
                    200, caller.get(CONFIG_MAPS, "Authorization", "Bearer t1").code());
            assertEquals("jane authorization.k8s.io/v1beta1", asked.remove());
            assertEquals(
                    200, caller.get(CONFIG_MAPS, "Authorization", "Bearer t1").code());
            assertTrue(asked.isEmpty(), "it is remembered");
            assertEquals(403, caller.get(SECRETS, "Authorization", "Bearer t1").code());
            assertEquals(200, admin.get(SECRETS).code(), "masters are not asked about");
            Caller.Answer rules = caller.post(
                    "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", """
                    {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
                     "spec": {"resourceAttributes": {"verb": "get", "resource": "secrets"}}}""", "Authorization", "Bearer t1");
            assertEquals("true", rules.at("/status/denied"), rules.text());
        }
    }
}
