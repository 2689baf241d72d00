package io.keelson.apiserver.authn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.certs.SigningKey;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.kvstore.metrics.Metrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ServiceAccountTokensTest {
    private static final String ISSUER = "https://kubernetes.default.svc";
    private static final KeyPair EC = SigningKey.EC_P256.generate();

    private final Accounts accounts = new Accounts();
    private final List<String> labelled = new ArrayList<>();
    private final Metrics metrics = new Metrics();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final TokenKeys keys;
    private final ServiceAccountTokens tokens;
    private final TokenRequests requests;

    ServiceAccountTokensTest() throws IOException {
        keys = new TokenKeys(EC.getPrivate(), List.of());
        tokens = tokens(keys, metrics);
        requests = requests(keys, Duration.ZERO);
        accounts.put("sa", "ns", "bot", "sa-uid");
        ObjectNode pod = accounts.put("pod", "ns", "p", "pod-uid");
        pod.putObject("spec").put("serviceAccountName", "bot").put("nodeName", "n");
        accounts.put("node", "", "n", "node-uid");
        accounts.put("secret", "ns", "s", "secret-uid");
    }

    private ServiceAccountTokens tokens(TokenKeys keys, Metrics metrics) {
        LegacyTokenUses uses = new LegacyTokenUses(
                (secret, label, value) -> {
                    labelled.add(ObjectMeta.uid(secret) + " " + label + "=" + value);
                    ObjectMeta.setLabel(secret, label, value);
                },
                metrics,
                () -> now);
        return new ServiceAccountTokens(List.of(ISSUER), List.of(ISSUER), true, keys, accounts, uses, () -> now);
    }

    private TokenRequests requests(TokenKeys keys, Duration lifeMax) {
        return new TokenRequests(
                new TokenRequests.Settings(ISSUER, List.of(ISSUER), lifeMax, true), keys, accounts, () -> now);
    }

    private static ObjectNode request(String spec) {
        return Json.parseObject(("{\"kind\":\"TokenRequest\",\"spec\":" + spec.replace('\'', '"') + "}")
                .getBytes(StandardCharsets.UTF_8));
    }

    private String token(String spec) throws InterruptedException {
        return requests.create("ns", "bot", request(spec))
                .path("status")
                .path("token")
                .asText();
    }

    private static final String POD = "'boundObjectRef':{'kind':'Pod','apiVersion':'v1','name':'p'}";

    private String failure(String token) {
        return assertThrows(AuthenticationException.class, () -> tokens.authenticate(token, List.of()))
                .message();
    }

    @ParameterizedTest
    @EnumSource
    void aTokenOfAnyKindOfKeySaysWhoseItIs(SigningKey kind) throws Exception {
        TokenKeys own = new TokenKeys(kind.generate().getPrivate(), List.of());
        String token = requests(own, Duration.ZERO)
                .create("ns", "bot", request("{" + POD + "}"))
                .path("status")
                .path("token")
                .asText();
        Authenticated found =
                tokens(own, new Metrics()).authenticate(token, List.of()).orElseThrow();
        UserInfo user = found.user();
        assertEquals("system:serviceaccount:ns:bot", user.name());
        assertEquals("sa-uid", user.uid());
        assertEquals(List.of("system:serviceaccounts", "system:serviceaccounts:ns"), user.groups());
        assertEquals(List.of("p"), user.extra().get("authentication.kubernetes.io/pod-name"));
        assertEquals(List.of("pod-uid"), user.extra().get("authentication.kubernetes.io/pod-uid"));
        assertEquals(List.of("n"), user.extra().get("authentication.kubernetes.io/node-name"));
        assertEquals(List.of("node-uid"), user.extra().get("authentication.kubernetes.io/node-uid"));
        assertTrue(user.extra()
                .getOrDefault("authentication.kubernetes.io/credential-id", List.of(""))
                .getFirst()
                .matches("JTI=[0-9a-f-]{36}"));
        assertEquals(List.of(ISSUER), found.audiences());
    }

    @Test
    void aTokenEndsWithItsTimeAndAMinuteOfGrace() throws Exception {
        String token = token("{'expirationSeconds':600}");
        now = now.plusSeconds(659);
        assertTrue(tokens.authenticate(token, List.of()).isPresent());
        now = now.plusSeconds(2);
        assertEquals("service account token has expired", failure(token));
        now = now.minusSeconds(1_000);
        assertEquals("service account token is not valid yet", failure(token));
    }

    @Test
    void aTokenIsForItsAudiences() throws Exception {
        String token = token("{'audiences':['vault','db']}");
        assertTrue(failure(token)
                .startsWith("token audiences [\"vault\" \"db\"] is invalid for the target audiences [\""));
        assertEquals(
                List.of("db"),
                tokens.authenticate(token, List.of("db", "x")).orElseThrow().audiences());
    }

    @Test
    void aTokenEndsWithWhatItIsBoundTo() throws Exception {
        String pod = token("{" + POD + "}");
        String secret = token("{'boundObjectRef':{'kind':'Secret','apiVersion':'v1','name':'s'}}");
        String node = token("{'boundObjectRef':{'kind':'Node','apiVersion':'v1','name':'n'}}");
        accounts.put("pod", "ns", "p", "another");
        assertEquals("pod UID (another) does not match service account pod ref claim (pod-uid)", failure(pod));
        accounts.remove("pod", "ns", "p");
        assertEquals("service account token has been invalidated", failure(pod));
        accounts.remove("secret", "ns", "s");
        assertEquals("service account token has been invalidated", failure(secret));
        ObjectMeta.setDeletionTimestamp(accounts.put("node", "", "n", "node-uid"), now.minusSeconds(61));
        assertEquals("service account token has been invalidated", failure(node));
        String plain = token("{}");
        accounts.put("sa", "ns", "bot", "new-uid");
        assertEquals("service account UID (new-uid) does not match claim (sa-uid)", failure(plain));
        accounts.remove("sa", "ns", "bot");
        assertEquals("serviceaccounts \"bot\" not found", failure(plain));
    }

    /** What could not be looked for to the end is neither missing nor gone. */
    @ParameterizedTest
    @CsvSource({"sa, Pod, p", "pod, Pod, p", "secret, Secret, s", "node, Node, n"})
    void beingInterruptedSaysNothingAboutAToken(String kind, String bound, String name) throws Exception {
        String spec = "{'boundObjectRef':{'kind':'" + bound + "','apiVersion':'v1','name':'" + name + "'}}";
        String token = token(spec);
        TokenAuthenticator all = TokenAuthenticator.union(List.of(tokens));
        assertTrue(all.authenticate(token, List.of()).isPresent());
        accounts.interruptAt(kind);
        assertThrows(InterruptedException.class, () -> all.authenticate(token, List.of()));
        assertThrows(InterruptedException.class, () -> requests.create("ns", "bot", request(spec)));
    }

    @Test
    void beingInterruptedSaysNothingAboutATokenOfOld() throws Exception {
        String token = keys.sign(claimsOfOld());
        Accounts.data(accounts.put("secret", "ns", "s", "secret-uid"), "token", token);
        for (String kind : List.of("secret", "sa")) {
            accounts.interruptAt(kind);
            assertThrows(InterruptedException.class, () -> tokens.authenticate(token, List.of()), kind);
        }
        accounts.interruptAt("");
        LegacyTokenUses uses = new LegacyTokenUses(
                (_, _, _) -> {
                    throw new InterruptedException("while the use was written down");
                },
                new Metrics(),
                () -> now);
        ServiceAccountTokens labelling =
                new ServiceAccountTokens(List.of(ISSUER), List.of(ISSUER), true, keys, accounts, uses, () -> now);
        assertThrows(InterruptedException.class, () -> labelling.authenticate(token, List.of()));
    }

    @Test
    void onlyThisServersKeysSign() throws Exception {
        TokenKeys others = new TokenKeys(SigningKey.EC_P256.generate().getPrivate(), List.of());
        String foreign = requests(others, Duration.ZERO)
                .create("ns", "bot", request("{}"))
                .path("status")
                .path("token")
                .asText();
        assertEquals("invalid signature, no keys found", failure(foreign));
        // The same, under the name of a key that is known
        String header = base64("{\"alg\":\"ES256\",\"kid\":\"" + TokenKeys.keyId(EC.getPublic()) + "\"}");
        String[] parts = foreign.split("\\.", -1);
        assertEquals("invalid signature", failure(header + "." + parts[1] + "." + parts[2]));
    }

    @Test
    void tokensWithoutSignatureOrWithASharedSecretAreNone() throws Exception {
        String token = token("{}");
        String[] parts = token.split("\\.", -1);
        for (String header : List.of(
                "{\"alg\":\"none\"}",
                "{\"alg\":\"None\"}",
                "{\"alg\":\"HS256\",\"kid\":\"" + TokenKeys.keyId(EC.getPublic()) + "\"}",
                "{\"alg\":\"\"}",
                "{}",
                "[]",
                "{\"alg\":\"ES256\",\"crit\":[\"exp\"],\"exp\":1}")) {
            for (String signature : List.of("", parts[2])) {
                String forged = base64(header) + "." + parts[1] + "." + signature;
                try {
                    assertEquals(Optional.empty(), tokens.authenticate(forged, List.of()), header);
                } catch (AuthenticationException e) {
                    assertTrue(e.message().startsWith("invalid signature"), e::message);
                }
            }
        }
    }

    @Test
    void hostileTextIsNoToken() throws Exception {
        for (String text : List.of(
                "",
                ".",
                "..",
                "...",
                "a.b.c",
                "{\"payload\":\"x\"}",
                "\u0000",
                "é.é.é",
                base64("{\"alg\":\"ES256\"}") + "." + base64("[".repeat(20_000)) + ".AA",
                base64("[".repeat(20_000)) + "." + base64("{}") + ".AA",
                "x".repeat(1_000_000))) {
            assertEquals(Optional.empty(), tokens.authenticate(text, List.of()));
        }
    }

    @Property(tries = 300)
    void aTruncatedOrChangedTokenDoesNotHold(
            @ForAll @IntRange(max = 10_000) int at, @ForAll @IntRange(min = 1, max = 127) int flip) throws Exception {
        String token = token("{" + POD + "}");
        int position = at % token.length();
        assertFalse(holds(token.substring(0, position)));
        char changed = (char) (token.charAt(position) ^ flip);
        String other = token.substring(0, position) + changed + token.substring(position + 1);
        // The last character of a part has bits that mean nothing
        if (!sameBytes(token, other)) {
            assertFalse(holds(other), other);
        }
    }

    private boolean holds(String token) throws InterruptedException {
        try {
            return tokens.authenticate(token, List.of()).isPresent();
        } catch (AuthenticationException e) {
            return false;
        }
    }

    private static boolean sameBytes(String a, String b) {
        String[] left = a.split("\\.", -1);
        String[] right = b.split("\\.", -1);
        if (left.length != right.length) {
            return false;
        }
        try {
            for (int i = 0; i < left.length; i++) {
                if (!Arrays.equals(
                        Base64.getUrlDecoder().decode(left[i]),
                        Base64.getUrlDecoder().decode(right[i]))) {
                    return false;
                }
            }
            return true;
        } catch (IllegalArgumentException e) {
            // Lenient decoders may take other characters for the same
            return true;
        }
    }

    @Test
    void requestsAreChecked() {
        assertEquals(
                "TokenRequest.authentication.k8s.io \"bot\" is invalid: spec.expirationSeconds: Invalid value: 599: may"
                        + " not specify a duration less than 10 minutes",
                refused("bot", "{'expirationSeconds':599}"));
        assertTrue(refused("bot", "{'expirationSeconds':4294967297}").contains("2^32"));
        assertEquals("serviceaccounts \"gone\" not found", refused("gone", "{}"));
        assertEquals(
                "pods \"gone\" not found",
                refused("bot", "{'boundObjectRef':{'kind':'Pod','apiVersion':'v1','name':'gone'}}"));
        assertTrue(refused("bot", "{'boundObjectRef':{'kind':'Job','apiVersion':'batch/v1','name':'p'}}")
                .startsWith("cannot bind token to object of type"));
        assertTrue(refused("bot", "{'boundObjectRef':{'kind':'Pod','apiVersion':'v1','name':'p','uid':'x'}}")
                .contains("the UID in the bound object reference (x) does not match the UID in record"));
        accounts.put("sa", "ns", "other", "o");
        assertTrue(refused("other", "{" + POD + "}").startsWith("cannot bind token for serviceaccount \"other\""));
    }

    private String refused(String name, String spec) {
        return assertThrows(ApiException.class, () -> requests.create("ns", name, request(spec)))
                .message();
    }

    @Test
    void lifeIsBoundedByTheServerAndLengthenedForOldClients() throws Exception {
        ObjectNode bounded =
                requests(keys, Duration.ofHours(1)).create("ns", "bot", request("{'expirationSeconds':86400}"));
        assertEquals(3_600, bounded.path("spec").path("expirationSeconds").asInt());
        assertEquals(
                "2026-01-01T01:00:00Z",
                bounded.path("status").path("expirationTimestamp").asText());
        String lasting = token("{'expirationSeconds':3607," + POD + "}");
        now = now.plusSeconds(3607);
        assertEquals(
                Remarks.NONE,
                tokens.authenticate(lasting, List.of()).orElseThrow().remarks());
        now = now.plus(Duration.ofDays(300));
        assertEquals(
                Remarks.note(
                        "authentication.k8s.io/stale-token",
                        "subject: system:serviceaccount:ns:bot, seconds after warning threshold: 25920000"),
                tokens.authenticate(lasting, List.of()).orElseThrow().remarks());
        assertTrue(metrics.text().contains("\nserviceaccount_valid_tokens_total 1\n"), metrics::text);
        assertTrue(metrics.text().contains("\nserviceaccount_stale_tokens_total 1\n"), metrics::text);
    }

    private static ObjectNode claimsOfOld() {
        ObjectNode claims = Json.object();
        claims.put("iss", "kubernetes/serviceaccount");
        claims.put("sub", "system:serviceaccount:ns:bot");
        claims.put("kubernetes.io/serviceaccount/namespace", "ns");
        claims.put("kubernetes.io/serviceaccount/secret.name", "s");
        claims.put("kubernetes.io/serviceaccount/service-account.name", "bot");
        claims.put("kubernetes.io/serviceaccount/service-account.uid", "sa-uid");
        return claims;
    }

    @Test
    void usesOfTokensOfOldAreKeptTrackOf() throws Exception {
        String token = keys.sign(claimsOfOld());
        ObjectNode secret = accounts.put("secret", "ns", "s", "secret-uid");
        Accounts.data(secret, "token", token);
        Remarks manual = tokens.authenticate(token, List.of()).orElseThrow().remarks();
        String account = "system:serviceaccount:ns:bot";
        assertEquals(
                new Remarks(
                        List.of(),
                        Map.of(
                                "authentication.k8s.io/legacy-token",
                                account,
                                "authentication.k8s.io/legacy-token-manual-secret",
                                "s")),
                manual);
        List<String> first = List.of("secret-uid kubernetes.io/legacy-token-last-used=2026-01-01");
        assertEquals(first, labelled);
        now = now.plus(Duration.ofHours(23));
        assertTrue(tokens.authenticate(token, List.of()).isPresent());
        assertEquals(first, labelled);
        now = now.plus(Duration.ofHours(1));
        accounts.put("sa", "ns", "bot", "sa-uid")
                .putArray("secrets")
                .addObject()
                .put("name", "s");
        Remarks automatic = tokens.authenticate(token, List.of()).orElseThrow().remarks();
        assertEquals(
                List.of("Use tokens from the TokenRequest API or manually created secret-based tokens instead of"
                        + " auto-generated secret-based tokens."),
                automatic.warnings());
        assertEquals(
                Map.of(
                        "authentication.k8s.io/legacy-token",
                        account,
                        "authentication.k8s.io/legacy-token-autogenerated-secret",
                        "s"),
                automatic.notes());
        assertEquals("secret-uid kubernetes.io/legacy-token-last-used=2026-01-02", labelled.getLast());
        ObjectMeta.setLabel(secret, "kubernetes.io/legacy-token-last-used", "2020-01-01");
        ObjectMeta.setLabel(secret, "kubernetes.io/legacy-token-invalid-since", "2026-01-01");
        TokenAuthenticator all = TokenAuthenticator.union(List.of(tokens));
        Remarks refused = assertThrows(AuthenticationException.class, () -> all.authenticate(token, List.of()))
                .remarks();
        assertEquals(Remarks.note("authentication.k8s.io/legacy-token-invalidated", "s/ns"), refused);
        assertEquals(3, labelled.size());
        ObjectMeta.setLabel(secret, "kubernetes.io/legacy-token-invalid-since", "");
        assertTrue(tokens.authenticate(token, List.of()).isPresent());
    }

    @Test
    void tokensOfOldHoldAsLongAsTheirSecret() throws Exception {
        ObjectNode claims = claimsOfOld();
        String token = keys.sign(claims);
        assertEquals("service account token does not match server's copy", failure(token));
        ObjectNode secret = accounts.put("secret", "ns", "s", "secret-uid");
        Accounts.data(secret, "token", token);
        assertEquals(
                "system:serviceaccount:ns:bot",
                tokens.authenticate(token, List.of()).orElseThrow().user().name());
        ObjectMeta.setLabel(secret, "kubernetes.io/legacy-token-invalid-since", "2026-01-01");
        assertTrue(failure(token).contains("has been marked invalid"));
        accounts.remove("secret", "ns", "s");
        assertEquals("service account token has been invalidated", failure(token));
        claims.put("sub", "system:serviceaccount:ns:other");
        assertEquals("sub claim is invalid", failure(keys.sign(claims)));
    }

    @Test
    void othersLearnHowToCheckTokens() throws Exception {
        KeyPair rsa = SigningKey.RSA_2048.generate();
        TokenKeys both = new TokenKeys(EC.getPrivate(), List.of(rsa.getPublic()));
        OpenIdDocuments documents = OpenIdDocuments.of(ISSUER, "https://1.2.3.4:6443/openid/v1/jwks", both);
        ObjectNode configuration = Json.parseObject(documents.configuration());
        assertEquals(ISSUER, configuration.path("issuer").asText());
        assertEquals(
                Json.array(List.of("ES256", "RS256")), configuration.path("id_token_signing_alg_values_supported"));
        ObjectNode set = Json.parseObject(documents.keySet());
        assertEquals(2, set.path("keys").size());
        for (var key : set.path("keys")) {
            assertEquals("sig", key.path("use").asText());
            for (String secret : List.of("d", "p", "q")) {
                assertFalse(key.has(secret));
            }
        }
        assertThrows(IOException.class, () -> OpenIdDocuments.of("kubernetes", "https://x", both));
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
