package io.keelson.apiserver.authn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.keelson.apiserver.certs.CertificateAuthority;
import io.keelson.apiserver.certs.CertificateProfile;
import io.keelson.apiserver.certs.ConfigFile;
import io.keelson.apiserver.certs.Credential;
import io.keelson.apiserver.certs.HttpClients;
import io.keelson.apiserver.certs.Pem;
import io.keelson.apiserver.certs.RemoteCalls;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.certs.SigningKey;
import io.keelson.apiserver.egress.EgressClients;
import io.keelson.apiserver.egress.EgressType;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.kvstore.metrics.Metrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A provider on loopback with real TLS, whose tokens say all that tokens may. */
class JwtAuthenticatorTest {
    private static CertificateAuthority authority;
    private static SSLContext tls;

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final AtomicInteger fetches = new AtomicInteger();
    private final List<String> shown = Collections.synchronizedList(new ArrayList<>());
    private volatile String elsewhere = "";
    private volatile boolean broken;
    private HttpsServer server;
    private String url;
    private TokenKeys keys;

    @BeforeAll
    static void makeTls() throws Exception {
        authority = CertificateAuthority.create("provider", Instant.now());
        Credential credential =
                authority.issue(CertificateProfile.server("provider", List.of("localhost")), Instant.now());
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("x", credential.key(), new char[0], new Certificate[] {credential.certificate()});
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        tls = SSLContext.getInstance("TLS");
        tls.init(factory.getKeyManagers(), null, null);
    }

    @BeforeEach
    void start() throws Exception {
        keys = new TokenKeys(SigningKey.EC_P256.generate().getPrivate(), List.of());
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        url = "https://localhost:" + server.getAddress().getPort();
        server.createContext("/", exchange -> {
            byte[] body;
            if (exchange.getRequestURI().getPath().endsWith("/keys")) {
                fetches.incrementAndGet();
                body = broken ? new byte[] {'['} : Json.encode(keys.keySet());
            } else if (exchange.getRequestURI().getPath().startsWith("/claims")) {
                shown.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
                exchange.getResponseHeaders().set("Location", url + "/claims");
                exchange.sendResponseHeaders(exchange.getRequestURI().getPath().equals("/claims") ? 200 : 302, 0);
                exchange.getResponseBody().write(elsewhere.getBytes(StandardCharsets.US_ASCII));
                exchange.close();
                return;
            } else if (exchange.getRequestMethod().equals("POST")) {
                body = review(Json.parseObject(exchange.getRequestBody().readAllBytes()));
            } else {
                body = Json.encode(Json.object().put("issuer", url).put("jwks_uri", url + "/keys"));
            }
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private static byte[] review(ObjectNode review) {
        boolean known = review.path("spec").path("token").asText().equals("hooked");
        ObjectNode status = review.putObject("status").put("authenticated", known);
        if (known) {
            status.putObject("user").put("username", "harry").putArray("groups").add("g");
        } else {
            status.put("error", "never heard of it");
        }
        return Json.encode(review);
    }

    private KeySetMetrics untold() {
        return new KeySetMetrics(new Metrics(), "", () -> now);
    }

    private JwtAuthenticator flags(Map<String, String> required) throws IOException {
        return new JwtAuthenticator(
                JwtIssuer.ofFlags(
                        url,
                        List.of(authority.certificate()),
                        "client",
                        "",
                        "",
                        "groups",
                        "oidc:",
                        required,
                        Set.of("ES256")),
                HttpClients.DIRECT,
                untold(),
                () -> now);
    }

    private ObjectNode claims() {
        ObjectNode claims = Json.object();
        claims.put("iss", url).put("sub", "jane").put("aud", "client");
        claims.put("exp", now.getEpochSecond() + 600);
        claims.putArray("groups").add("dev");
        return claims;
    }

    private static String failure(TokenAuthenticator authenticator, String token) {
        return assertThrows(AuthenticationException.class, () -> authenticator.authenticate(token, List.of()))
                .message();
    }

    @Test
    void aTokenSaysWhoItsBearerIs() throws Exception {
        try (JwtAuthenticator authenticator = flags(Map.of())) {
            UserInfo user = authenticator
                    .authenticate(keys.sign(claims()), List.of())
                    .orElseThrow()
                    .user();
            assertEquals(url + "#jane", user.name());
            assertEquals(List.of("oidc:dev"), user.groups());
        }
    }

    @Test
    void tokensThatDoNotHoldAreRefused() throws Exception {
        try (JwtAuthenticator authenticator = flags(Map.of("tenant", "ours"))) {
            ObjectNode good = claims().put("tenant", "ours");
            assertTrue(authenticator.authenticate(keys.sign(good), List.of()).isPresent());
            assertEquals(
                    "oidc: token is expired",
                    failure(authenticator, keys.sign(good.deepCopy().put("exp", now.getEpochSecond() - 1))));
            ObjectNode endless = good.deepCopy();
            endless.remove("exp");
            assertEquals("oidc: token is expired", failure(authenticator, keys.sign(endless)));
            assertTrue(failure(authenticator, keys.sign(good.deepCopy().put("aud", "other")))
                    .startsWith("oidc: expected audience"));
            assertTrue(failure(authenticator, keys.sign(good.deepCopy().put("nbf", now.getEpochSecond() + 301)))
                    .contains("nbf"));
            assertTrue(failure(authenticator, keys.sign(claims())).contains("required claim tenant"));
            assertTrue(failure(authenticator, keys.sign(good.deepCopy().put("groups", 7)))
                    .contains("neither a string nor a list"));
            assertTrue(failure(authenticator, keys.sign(good.deepCopy().put("exp", "soon")))
                    .contains("not a number"));
            assertEquals(
                    Optional.empty(),
                    authenticator.authenticate(keys.sign(good.deepCopy().put("iss", "https://other")), List.of()));
            TokenKeys foreign = new TokenKeys(SigningKey.EC_P256.generate().getPrivate(), List.of());
            assertTrue(failure(authenticator, foreign.sign(good)).contains("failed to verify"));
            TokenKeys rsa = new TokenKeys(SigningKey.RSA_2048.generate().getPrivate(), List.of());
            assertTrue(failure(authenticator, rsa.sign(good)).contains("unsupported algorithm"));
        }
    }

    @Test
    void newKeysAreFetchedButAFloodOfUnknownOnesFetchesNothing() throws Exception {
        try (JwtAuthenticator authenticator = flags(Map.of())) {
            authenticator.authenticate(keys.sign(claims()), List.of());
            authenticator.authenticate(keys.sign(claims()), List.of());
            assertEquals(1, fetches.get());
            TokenKeys foreign = new TokenKeys(SigningKey.EC_P256.generate().getPrivate(), List.of());
            for (int i = 0; i < 20; i++) {
                failure(authenticator, foreign.sign(claims()));
            }
            assertEquals(1, fetches.get());
            keys = new TokenKeys(SigningKey.EC_P256.generate().getPrivate(), List.of());
            now = now.plus(IssuerKeys.FETCH_EVERY);
            assertTrue(
                    authenticator.authenticate(keys.sign(claims()), List.of()).isPresent());
            assertEquals(2, fetches.get());
        }
    }

    @Test
    void keysThatWereKnownAreBelievedWhileTheProviderIsGone() throws Exception {
        try (JwtAuthenticator authenticator = flags(Map.of())) {
            authenticator.authenticate(keys.sign(claims()), List.of());
            server.stop(0);
            now = now.plus(IssuerKeys.LIFE);
            assertTrue(
                    authenticator.authenticate(keys.sign(claims()), List.of()).isPresent());
        }
    }

    @Test
    void aProviderWithTheWrongCertificateIsNotBelieved() throws Exception {
        CertificateAuthority other = CertificateAuthority.create("other", Instant.now());
        try (JwtAuthenticator authenticator = new JwtAuthenticator(
                JwtIssuer.ofFlags(
                        url, List.of(other.certificate()), "client", "", "", "", "", Map.of(), Set.of("ES256")),
                HttpClients.DIRECT,
                untold(),
                () -> now)) {
            assertTrue(failure(authenticator, keys.sign(claims())).contains("failed to fetch the keys"));
        }
    }

    /** Claims that say that the groups are at a path of this server. */
    private ObjectNode pointing(String path) {
        ObjectNode claims = claims();
        claims.remove("groups");
        claims.putObject("_claim_names").put("groups", "src1");
        claims.putObject("_claim_sources")
                .putObject("src1")
                .put("endpoint", url + path)
                .put("access_token", "let me in");
        return claims;
    }

    private List<String> groups(JwtAuthenticator authenticator, ObjectNode claims) throws Exception {
        return authenticator
                .authenticate(keys.sign(claims), List.of())
                .orElseThrow()
                .user()
                .groups();
    }

    @Test
    void groupsMayBeElsewhere() throws Exception {
        try (JwtAuthenticator authenticator = flags(Map.of())) {
            elsewhere = keys.sign(claims());
            assertEquals(List.of("oidc:dev"), groups(authenticator, pointing("/claims")));
            assertEquals(List.of("Bearer let me in"), shown);
            ObjectNode others = claims();
            others.putArray("groups").add("ops");
            elsewhere = keys.sign(others);
            assertEquals(List.of("oidc:dev"), groups(authenticator, pointing("/claims")));
            now = now.plus(DistributedClaims.LIFE);
            assertEquals(List.of("oidc:ops"), groups(authenticator, pointing("/claims")));
            assertEquals(2, shown.size());
        }
    }

    @Test
    void whatIsThereOrIsNotPointedToIsNotFetched() throws Exception {
        try (JwtAuthenticator authenticator = flags(Map.of())) {
            ObjectNode both = pointing("/claims");
            both.putArray("groups").add("own");
            assertEquals(List.of("oidc:own"), groups(authenticator, both));
            ObjectNode aggregated = pointing("/claims");
            aggregated.withObject("/_claim_sources/src1").remove("endpoint");
            assertEquals(List.of(), groups(authenticator, aggregated));
            ObjectNode other = pointing("/claims");
            other.putObject("_claim_names").put("roles", "src1");
            assertEquals(List.of(), groups(authenticator, other));
            assertEquals(List.of(), shown);
        }
    }

    @Test
    void groupsFromElsewhereMustHoldLikeAnyToken() throws Exception {
        try (JwtAuthenticator authenticator = flags(Map.of())) {
            String head = "oidc: could not expand distributed claims: ";
            String token = keys.sign(pointing("/claims"));
            TokenKeys foreign = new TokenKeys(SigningKey.EC_P256.generate().getPrivate(), List.of());
            ObjectNode silent = claims();
            silent.remove("groups");
            for (Map.Entry<String, String> wrong : Map.of(
                            "",
                            "getting untrusted issuer from endpoint " + url + "/claims",
                            "x.y.z",
                            "getting untrusted issuer from endpoint " + url + "/claims",
                            keys.sign(claims().put("aud", "other")),
                            "verify distributed claim token: oidc: expected",
                            keys.sign(claims().put("exp", now.getEpochSecond() - 1)),
                            "verify distributed claim token: oidc: token is expired",
                            foreign.sign(claims()),
                            "verify distributed claim token: oidc: failed to verify",
                            keys.sign(claims().put("iss", "http://x")),
                            "verifying untrusted issuer http://x failed",
                            keys.sign(silent),
                            "jwt returned by distributed claim endpoint")
                    .entrySet()) {
                elsewhere = wrong.getKey();
                String failure = failure(authenticator, token);
                assertTrue(failure.startsWith(head + wrong.getValue()), failure);
            }
            elsewhere = keys.sign(claims());
            assertTrue(
                    failure(authenticator, keys.sign(pointing("/claims/moved"))).contains("status 302"));
            ObjectNode plain = pointing("/claims");
            plain.withObject("/_claim_sources/src1").put("endpoint", "http://localhost/claims");
            assertTrue(failure(authenticator, keys.sign(plain)).contains("must use https"));
            ObjectNode nowhere = pointing("/claims");
            nowhere.remove("_claim_sources");
            assertEquals(head + "oidc: no claim sources", failure(authenticator, keys.sign(nowhere)));
            ObjectNode unnamed = pointing("/claims");
            unnamed.putObject("_claim_sources");
            assertEquals(
                    head + "id token _claim_names contained a source src1 missing in _claims_sources",
                    failure(authenticator, keys.sign(unnamed)));
            assertTrue(shown.stream().allMatch("Bearer let me in"::equals), shown::toString);
            assertEquals(8, shown.size());
        }
    }

    private AuthenticationConfiguration parse(String yaml) throws IOException {
        return AuthenticationConfiguration.parse(ConfigFile.parse(yaml.getBytes(StandardCharsets.UTF_8)));
    }

    private String structured(String more) {
        String pem = new String(Pem.encode(authority.certificate()), StandardCharsets.US_ASCII).indent(8);
        return """
                apiVersion: apiserver.config.k8s.io/v1
                kind: AuthenticationConfiguration
                anonymous: {enabled: true, conditions: [{path: /healthz}]}
                jwt:
                - issuer:
                    url: %s
                    audiences: [client, other]
                    audienceMatchPolicy: MatchAny
                    certificateAuthority: |
                %s
                %s
                """.formatted(url, pem, more.indent(2));
    }

    private static final String MAPPINGS = """
            claimValidationRules:
            - {expression: "claims.exp - claims.iat <= 3600", message: lives too long}
            claimMappings:
              username: {expression: "'corp:' + claims.sub"}
              groups: {expression: "claims.roles.split(',')"}
              uid: {claim: oid}
              extra: [{key: acme.com/tenant, valueExpression: claims.tenant}]
            userValidationRules:
            - {expression: "!user.username.startsWith('system:') && user.groups.all(g, !g.startsWith('system:'))", message: reserved}
            """;

    @Test
    void aConfigurationFileMapsClaimsByExpressions() throws Exception {
        AuthenticationConfiguration configuration = parse(structured(MAPPINGS));
        assertEquals(
                Optional.of(new AuthenticationConfiguration.Anonymous(true, Set.of("/healthz"))),
                configuration.anonymous());
        try (ConfiguredIssuers issuers =
                new ConfiguredIssuers(() -> configuration, List.of("api"), untold(), EgressClients.DIRECT, () -> now)) {
            ObjectNode claims = claims();
            claims.put("iat", now.getEpochSecond())
                    .put("roles", "a,b")
                    .put("oid", "o1")
                    .put("tenant", "t");
            Authenticated found =
                    issuers.authenticate(keys.sign(claims), List.of()).orElseThrow();
            assertEquals(
                    new UserInfo("corp:jane", "o1", List.of("a", "b"), Map.of("acme.com/tenant", List.of("t"))),
                    found.user());
            assertEquals(List.of("api"), found.audiences());
            assertTrue(failure(issuers, keys.sign(claims.deepCopy().put("iat", now.getEpochSecond() - 4_000)))
                    .endsWith("failed: lives too long"));
            assertTrue(failure(issuers, keys.sign(claims.deepCopy().put("roles", "system:masters")))
                    .endsWith("failed: reserved"));
            ObjectNode missing = claims.deepCopy();
            missing.remove("tenant");
            assertThrows(AuthenticationException.class, () -> issuers.authenticate(keys.sign(missing), List.of()));
            assertEquals(Optional.empty(), issuers.authenticate(keys.sign(claims), List.of("vault")));
        }
    }

    private static String hash(String text) throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        return "sha256:" + HexFormat.of().formatHex(hash);
    }

    private String signed() {
        ObjectNode claims = claims().put("iat", now.getEpochSecond());
        return keys.sign(claims.put("roles", "a").put("oid", "o1").put("tenant", "t"));
    }

    @Test
    void itIsToldWhenTheKeysOfWhichIssuersWereFetchedAndWhichTheyAre() throws Exception {
        Metrics metrics = new Metrics();
        KeySetMetrics told = new KeySetMetrics(metrics, "apiserver-a", () -> now);
        AtomicReference<AuthenticationConfiguration> configuration = new AtomicReference<>(parse(structured(MAPPINGS)));
        try (ConfiguredIssuers issuers =
                new ConfiguredIssuers(configuration::get, List.of("api"), told, EgressClients.DIRECT, () -> now)) {
            assertEquals("", metrics.text());
            assertTrue(issuers.authenticate(signed(), List.of()).isPresent());
            String name = "apiserver_authentication_jwt_authenticator_jwks_fetch_last_";
            String server = "{apiserver_id_hash=\"" + hash("apiserver-a") + "\",";
            String issuer = "jwt_issuer_hash=\"" + hash(url) + "\"";
            String succeeded = name + "timestamp_seconds" + server + issuer + ",result=\"success\"} "
                    + now.getEpochSecond() + "\n";
            String keySet = name + "key_set_info" + server + "hash=\"" + hash(Json.text(keys.keySet())) + "\"," + issuer
                    + "} 1\n";
            assertTrue(metrics.text().contains(succeeded), metrics::text);
            assertTrue(metrics.text().contains(keySet), metrics::text);
            assertFalse(metrics.text().contains("failure"), metrics::text);

            now = now.plus(IssuerKeys.LIFE).plusSeconds(1);
            broken = true;
            assertTrue(issuers.authenticate(signed(), List.of()).isPresent());
            String failed = name + "timestamp_seconds" + server + issuer + ",result=\"failure\"} "
                    + now.getEpochSecond() + "\n";
            assertTrue(metrics.text().contains(failed), metrics::text);
            assertTrue(metrics.text().contains(succeeded), metrics::text);
            assertTrue(metrics.text().contains(keySet), metrics::text);

            configuration.set(parse(structured(MAPPINGS).replace(url, "https://other.example.com")));
            assertEquals(Optional.empty(), issuers.authenticate(signed(), List.of()));
            assertEquals("", metrics.text());
        }
    }

    @Test
    void aConfigurationThatIsWrongIsRefused() {
        for (String wrong : List.of(
                "claimMappings: {}",
                "claimMappings: {username: {claim: sub}}",
                "claimMappings: {username: {claim: sub, prefix: '', expression: claims.sub}}",
                "claimMappings: {username: {expression: 'claims.'}}",
                "claimMappings: {username: {expression: 'user.name'}}",
                "claimMappings: {username: {expression: 'claims.email'}}",
                "claimMappings: {username: {claim: sub, prefix: ''}, extra: [{key: plain, valueExpression: claims.a}]}",
                "claimMappings: {username: {claim: sub, prefix: ''}, extra: [{key: x.k8s.io/a, valueExpression: claims.a}]}",
                "claimMappings: {username: {claim: sub, prefix: ''}}\nclaimValidationRules: [{}]",
                "claimMappings: {username: {claim: sub, prefix: ''}}\nuserValidationRules: [{expression: 'claims.a'}]")) {
            assertThrows(IOException.class, () -> parse(structured(wrong)), wrong);
        }
        String head = "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n";
        for (String wrong : List.of(
                "kind: Pod",
                head + "anonymous: {enabled: false, conditions: [{path: /x}]}",
                head + "jwt: [{issuer: {url: 'http://x', audiences: [a]}}]",
                head + "jwt: [{issuer: {url: 'https://u@x', audiences: [a]}}]",
                head + "jwt: [{issuer: {url: 'https://x', audiences: [a, b]}}]",
                head + "jwt: [{issuer: {url: 'https://x'}}]")) {
            assertThrows(IOException.class, () -> parse(wrong), wrong);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            claimValidationRules: [{}]                                | claimValidationRules[0]: Required value: claim or expression is required
            claimValidationRules: [{claim: a, expression: 'true'}]    | claimValidationRules[0]: Invalid value: "a": claim and expression can't both be set
            claimValidationRules: [{claim: a, message: m}]            | claimValidationRules[0].message: Invalid value: "m": message can't be set when claim is set
            claimValidationRules: [{expression: 'true', requiredValue: v}] | claimValidationRules[0].requiredValue: Invalid value: "v": requiredValue can't be set when expression is set
            claimValidationRules: [{claim: a}, {claim: a}]            | claimValidationRules[1].claim: Duplicate value: "a"
            claimValidationRules: [{expression: 'true'}, {expression: 'true'}] | claimValidationRules[1].expression: Duplicate value: "true"
            claimValidationRules: [{expression: claims.email_verified}] | claimValidationRules[0].expression: Invalid value: "claims.email_verified": must evaluate to bool
            userValidationRules: [{expression: user.username}]        | userValidationRules[0].expression: Invalid value: "user.username": must evaluate to bool
            userValidationRules: [{expression: ''}]                   | userValidationRules[0].expression: Required value: expression is required
            """)
    void aRuleIsKnownToBeTrueOrFalseBeforeThereIsAToken(String rules, String why) {
        String username = "claimMappings: {username: {claim: sub, prefix: ''}}\n";
        assertEquals(
                "jwt[0]." + why,
                assertThrows(IOException.class, () -> parse(structured(username + rules)))
                        .getMessage());
    }

    @Test
    void aRuleNamesNoFieldThatUsersDoNotHave() {
        String username = "claimMappings: {username: {claim: sub, prefix: ''}}\n";
        String message = String.valueOf(assertThrows(
                        IOException.class,
                        () -> parse(structured(username + "userValidationRules: [{expression: 'user.name == \"x\"'}]")))
                .getMessage());
        assertTrue(message.contains("undefined field 'name'"), message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            audiences: [a, a], audienceMatchPolicy: MatchAny | audiences[1]: Duplicate value: "a"
            audiences: ['']                                  | audiences[0]: Required value: audience can't be empty
            audiences: [a, b]                                | audienceMatchPolicy: Invalid value: "": audienceMatchPolicy must be MatchAny for multiple audiences
            audiences: [a], audienceMatchPolicy: MatchAll    | audienceMatchPolicy: Invalid value: "MatchAll": audienceMatchPolicy must be empty or MatchAny for single audience
            """)
    void audiencesAreSomeAndDifferent(String audiences, String why) {
        assertEquals(
                "jwt[0].issuer." + why,
                assertThrows(
                                IOException.class,
                                () -> parse(
                                        "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n"
                                                + "jwt: [{issuer: {url: 'https://x', " + audiences + "}}]"))
                        .getMessage());
    }

    @Test
    void anIssuerIsConnectedToAsOneOfTheClusterOrOfTheControlPlane() throws IOException {
        String file = "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n"
                + "jwt: [{issuer: {url: 'https://x', audiences: [a]%s}, claimMappings: {username: {claim: sub, prefix: ''}}}]";
        String field = ", egressSelectorType: ";
        assertNull(parse(file.formatted("")).issuers().getFirst().egress());
        assertEquals(
                EgressType.CLUSTER,
                parse(file.formatted(field + "cluster")).issuers().getFirst().egress());
        assertEquals(
                EgressType.CONTROL_PLANE,
                parse(file.formatted(field + "controlplane"))
                        .issuers()
                        .getFirst()
                        .egress());
        assertEquals(
                "jwt[0].issuer.egressSelectorType: Invalid value: \"etcd\": egress selector must be either controlplane or"
                        + " cluster",
                assertThrows(IOException.class, () -> parse(file.formatted(field + "etcd")))
                        .getMessage());
    }

    @Test
    void aConfigurationIsOfAVersionThatThereIs() throws IOException {
        String file = "apiVersion: %s\nkind: AuthenticationConfiguration\nanonymous: {enabled: true}\n";
        for (String version : List.of("v1", "v1beta1", "v1alpha1")) {
            assertTrue(parse(file.formatted("apiserver.config.k8s.io/" + version))
                    .anonymous()
                    .isPresent());
        }
        for (String version : List.of("apiserver.config.k8s.io/v1beta2", "apiserver.config.k8s.io/v10", "v1")) {
            assertEquals(
                    "expected kind AuthenticationConfiguration of apiserver.config.k8s.io/v1 or"
                            + " apiserver.config.k8s.io/v1beta1 or apiserver.config.k8s.io/v1alpha1, got kind"
                            + " \"AuthenticationConfiguration\" of \"" + version + "\"",
                    assertThrows(IOException.class, () -> parse(file.formatted(version)))
                            .getMessage());
        }
    }

    @Test
    void aWebhookSaysWhoseATokenIs() throws Exception {
        try (RemoteCalls calls = new RemoteCalls(
                RemoteServer.of(url + "/review", List.of(authority.certificate())),
                Duration.ofSeconds(5),
                1,
                Duration.ZERO)) {
            TokenWebhook webhook = new TokenWebhook(calls, "v1", List.of("api"));
            Authenticated found = webhook.authenticate("hooked", List.of()).orElseThrow();
            assertEquals(new UserInfo("harry", "", List.of("g"), Map.of()), found.user());
            assertEquals(List.of("api"), found.audiences());
            assertEquals("never heard of it", failure(webhook, "other"));
            assertEquals(Optional.empty(), webhook.authenticate("hooked", List.of("vault")));
        }
    }
}
