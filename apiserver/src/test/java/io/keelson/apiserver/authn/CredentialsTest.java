package io.keelson.apiserver.authn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.certs.CertificateAuthority;
import io.keelson.apiserver.certs.CertificateProfile;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.UserInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Certificates, proxies, listed tokens, bootstrap tokens, and the chain of them all. */
class CredentialsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static CertificateAuthority authority;
    private static CertificateAuthority stranger;

    private Instant now = NOW;

    @BeforeAll
    static void makeAuthorities() throws Exception {
        authority = CertificateAuthority.create("clients", NOW);
        stranger = CertificateAuthority.create("clients", NOW);
    }

    private static X509Certificate client(CertificateAuthority by, String name, String... groups) throws Exception {
        return by.issue(CertificateProfile.client(name, groups), NOW).certificate();
    }

    private ClientCertificateAuthenticator certificates() {
        List<X509Certificate> trusted = List.of(authority.certificate());
        return new ClientCertificateAuthenticator(() -> trusted, _ -> {}, () -> now);
    }

    private static UserInfo user(Authenticator authenticator, ApiRequest request) throws Exception {
        return authenticator.authenticate(request).orElseThrow().user();
    }

    @Test
    void aCertificateSaysWhoItsHolderIs() throws Exception {
        UserInfo user = user(certificates(), Requests.with(List.of(client(authority, "jane", "dev", "ops"))));
        assertEquals("jane", user.name());
        assertEquals(List.of("dev", "ops"), user.groups());
        assertTrue(user.extra()
                .getOrDefault("authentication.kubernetes.io/credential-id", List.of(""))
                .getFirst()
                .matches("X509SHA256=[0-9a-f]{64}"));
    }

    @Test
    void aNameThatLooksLikeMoreIsOneName() throws Exception {
        UserInfo user = user(
                certificates(), Requests.with(List.of(client(authority, "jane,O=system:masters+CN=root", "a\",O=b"))));
        assertEquals("jane,O=system:masters+CN=root", user.name());
        assertEquals(List.of("a\",O=b"), user.groups());
    }

    /** CVE-2016-7075: a certificate that is for something else, or by somebody else. */
    @Test
    void cve20167075CertificatesThatDoNotHoldAreRefused() throws Exception {
        X509Certificate good = client(authority, "jane");
        X509Certificate foreign = client(stranger, "jane");
        X509Certificate server = authority
                .issue(CertificateProfile.server("jane", List.of("localhost")), NOW)
                .certificate();
        ClientCertificateAuthenticator authenticator = certificates();
        assertThrows(AuthenticationException.class, () -> authenticator.authenticate(Requests.with(List.of(foreign))));
        assertThrows(
                AuthenticationException.class,
                () -> authenticator.authenticate(Requests.with(List.of(foreign, stranger.certificate()))));
        assertThrows(AuthenticationException.class, () -> authenticator.authenticate(Requests.with(List.of(server))));
        assertTrue(authenticator.authenticate(Requests.with(List.of(good))).isPresent());
        now = NOW.plus(Duration.ofDays(366));
        assertThrows(AuthenticationException.class, () -> authenticator.authenticate(Requests.with(List.of(good))));
        now = NOW.minus(Duration.ofDays(1));
        assertThrows(AuthenticationException.class, () -> certificates().authenticate(Requests.with(List.of(good))));
        assertEquals(Optional.empty(), authenticator.authenticate(Requests.of()));
    }

    @Test
    void whatWasRememberedEndsWithTheAuthorities() throws Exception {
        X509Certificate good = client(authority, "jane");
        AtomicInteger which = new AtomicInteger();
        List<List<X509Certificate>> lists = List.of(List.of(authority.certificate()), List.of(stranger.certificate()));
        ClientCertificateAuthenticator authenticator =
                new ClientCertificateAuthenticator(() -> lists.get(which.get()), _ -> {}, () -> now);
        assertTrue(authenticator.authenticate(Requests.with(List.of(good))).isPresent());
        which.set(1);
        assertThrows(AuthenticationException.class, () -> authenticator.authenticate(Requests.with(List.of(good))));
    }

    @Test
    void itIsToldForHowLongCertificatesAreStillValid() throws Exception {
        X509Certificate shown = client(authority, "jane");
        List<X509Certificate> trusted = List.of(authority.certificate());
        List<Double> seconds = new ArrayList<>();
        ClientCertificateAuthenticator authenticator =
                new ClientCertificateAuthenticator(() -> trusted, seconds::add, () -> now);
        Instant end = shown.getNotAfter().toInstant();
        now = end.minusSeconds(90);
        assertTrue(authenticator.authenticate(Requests.with(List.of(shown))).isPresent());
        now = end.minusSeconds(30);
        assertTrue(authenticator.authenticate(Requests.with(List.of(shown))).isPresent());
        now = end.plusSeconds(10);
        assertThrows(AuthenticationException.class, () -> authenticator.authenticate(Requests.with(List.of(shown))));
        assertEquals(Optional.empty(), authenticator.authenticate(Requests.of()));
        assertEquals(List.of(90.0, 30.0, -10.0), seconds);
    }

    @Test
    void aProxySpeaksForOthersOnlyWithItsCertificate() throws Exception {
        List<X509Certificate> trusted = List.of(authority.certificate());
        FrontProxyAuthenticator proxy = new FrontProxyAuthenticator(
                FrontProxyAuthenticator.Settings.ordinary(Set.of("front-proxy")), () -> trusted, () -> now);
        String[] headers = {
            "X-Remote-User", "jane",
            "X-Remote-Uid", "u1",
            "X-Remote-Group", "dev",
            "x-remote-group", "ops",
            "X-Remote-Extra-Acme.com%2fProject", "one",
            "X-Remote-Extra-Acme.com%2fproject", "two",
            "X-Remote-Extra-Broken%zz", "three"
        };
        UserInfo user = user(proxy, Requests.with(List.of(client(authority, "front-proxy")), headers));
        assertEquals("jane", user.name());
        assertEquals("u1", user.uid());
        assertEquals(List.of("dev", "ops"), user.groups());
        assertEquals(Map.of("acme.com/project", List.of("one", "two"), "broken%zz", List.of("three")), user.extra());
        assertEquals(Optional.empty(), proxy.authenticate(Requests.of(headers)));
        for (X509Certificate other : List.of(client(authority, "other"), client(stranger, "front-proxy"))) {
            assertThrows(
                    AuthenticationException.class, () -> proxy.authenticate(Requests.with(List.of(other), headers)));
        }
        assertEquals(Optional.empty(), proxy.authenticate(Requests.with(List.of(client(authority, "front-proxy")))));
    }

    @Test
    void listedTokensMayHaveQuotedGroups() throws Exception {
        TokenFile file = TokenFile.parse("""
                t1,jane,u1,"dev,ops"
                t2,"jo""hn",u2\r

                ,nobody,u3
                t4,x,u4,single,more
                """, "test");
        UserInfo jane = file.authenticate("t1", List.of()).orElseThrow().user();
        assertEquals(new UserInfo("jane", "u1", List.of("dev", "ops"), Map.of()), jane);
        assertEquals(
                "jo\"hn",
                file.authenticate("t2", List.of()).orElseThrow().user().name());
        assertEquals(
                List.of("single"),
                file.authenticate("t4", List.of()).orElseThrow().user().groups());
        assertEquals(Optional.empty(), file.authenticate("", List.of()));
        assertEquals(Optional.empty(), file.authenticate("t", List.of()));
        for (String wrong : List.of("a,b\n", "a,\"b,c\n", "a,b\"c,d\n", "a,\"b\"c,d\n")) {
            assertThrows(IOException.class, () -> TokenFile.parse(wrong, "test"), wrong);
        }
    }

    private static ObjectNode bootstrapSecret(Accounts accounts) {
        ObjectNode secret = accounts.put("secret", "kube-system", "bootstrap-token-abcdef", "u");
        secret.put("type", "bootstrap.kubernetes.io/token");
        Accounts.data(secret, "token-id", "abcdef");
        Accounts.data(secret, "token-secret", "0123456789abcdef");
        Accounts.data(secret, "usage-bootstrap-authentication", "true");
        Accounts.data(secret, "auth-extra-groups", "system:bootstrappers:a,system:bootstrappers:b");
        return secret;
    }

    @Test
    void bootstrapTokensHoldWhileTheirSecretSaysSo() throws Exception {
        Accounts accounts = new Accounts();
        BootstrapTokens tokens = new BootstrapTokens(accounts, () -> now);
        String token = "abcdef.0123456789abcdef";
        assertEquals(Optional.empty(), tokens.authenticate(token, List.of()));
        ObjectNode secret = bootstrapSecret(accounts);
        UserInfo user = tokens.authenticate(token, List.of()).orElseThrow().user();
        assertEquals("system:bootstrap:abcdef", user.name());
        assertEquals(
                List.of("system:bootstrappers", "system:bootstrappers:a", "system:bootstrappers:b"), user.groups());
        for (String wrong : List.of(
                "abcdef.0123456789abcdee", "abcdef.0123456789abcde", "ABCDEF.0123456789abcdef", "abcdef.", "x", "")) {
            assertEquals(Optional.empty(), tokens.authenticate(wrong, List.of()), wrong);
        }
        Accounts.data(secret, "expiration", "2026-01-01T00:00:01Z");
        assertTrue(tokens.authenticate(token, List.of()).isPresent());
        now = now.plusSeconds(1);
        assertEquals(Optional.empty(), tokens.authenticate(token, List.of()));
        Accounts.data(secret, "expiration", "whenever");
        assertEquals(Optional.empty(), tokens.authenticate(token, List.of()));
        for (Map.Entry<String, String> change : Map.of(
                        "usage-bootstrap-authentication", "false",
                        "token-id", "other",
                        "auth-extra-groups", "system:masters")
                .entrySet()) {
            Accounts.data(bootstrapSecret(accounts), change.getKey(), change.getValue());
            assertEquals(Optional.empty(), tokens.authenticate(token, List.of()), change::getKey);
        }
        ObjectMeta.setDeletionTimestamp(bootstrapSecret(accounts), NOW);
        assertEquals(Optional.empty(), tokens.authenticate(token, List.of()));
    }

    @Test
    void aBootstrapTokenThatCouldNotBeLookedUpIsNotNone() {
        Accounts accounts = new Accounts();
        BootstrapTokens tokens = new BootstrapTokens(accounts, () -> now);
        accounts.interruptAt("secret");
        assertThrows(InterruptedException.class, () -> tokens.authenticate("abcdef.0123456789abcdef", List.of()));
    }

    private AuthenticatorChain chain() throws IOException {
        List<X509Certificate> trusted = List.of(authority.certificate());
        return AuthenticatorChain.builder(List.of("api"), () -> now)
                .certificates(new ClientCertificateAuthenticator(() -> trusted, _ -> {}, () -> now))
                .tokenFile(TokenFile.parse("secret,jane,u1\n", "test"))
                .anonymous(AnonymousAuthenticator.EVERYWHERE)
                .build();
    }

    private UserInfo through(ApiRequest request) throws Exception {
        new AuthenticationFilter(chain().requests(), _ -> {})
                .filter(request, _ -> ApiResponse.of(200, "text/plain", new byte[0]));
        return request.user();
    }

    @Test
    void whoShowsNothingIsNobodyAndWhoShowsWrongIsRefused() throws Exception {
        assertEquals(UserInfo.ANONYMOUS, through(Requests.of()));
        UserInfo jane = through(Requests.of("Authorization", "Bearer secret"));
        assertEquals(List.of("system:authenticated"), jane.groups());
        assertEquals(
                "jane", through(Requests.of("authorization", "bearer secret")).name());
        for (String wrong : List.of("Bearer wrong", "Bearer " + "x".repeat(100_000), "Bearer a.b.c")) {
            ApiException refused = assertThrows(ApiException.class, () -> through(Requests.of("Authorization", wrong)));
            assertEquals(401, refused.code());
            assertFalse(refused.message().contains("wrong"));
        }
        assertThrows(ApiException.class, () -> through(Requests.with(List.of(client(stranger, "x")))));
        assertEquals(
                "jane",
                through(Requests.with(List.of(client(stranger, "x")), "Authorization", "Bearer secret"))
                        .name());
        assertEquals(UserInfo.ANONYMOUS, through(Requests.of("Authorization", "Basic secret")));
    }

    @Test
    void browsersSendTokensAsSubprotocols() throws Exception {
        String protocol = "base64url.bearer.authorization.k8s.io."
                + Base64.getUrlEncoder().withoutPadding().encodeToString("secret".getBytes(StandardCharsets.UTF_8));
        assertEquals(
                "jane",
                through(Requests.of("Upgrade", "websocket", "Sec-WebSocket-Protocol", "v4.channel.k8s.io, " + protocol))
                        .name());
        assertEquals(UserInfo.ANONYMOUS, through(Requests.of("Sec-WebSocket-Protocol", "x, " + protocol)));
        for (String wrong : List.of(
                protocol,
                "x, " + protocol + ", " + protocol,
                "x, base64url.bearer.authorization.k8s.io.!!!",
                "x, base64url.bearer.authorization.k8s.io.gICA")) {
            assertThrows(
                    ApiException.class,
                    () -> through(Requests.of("Upgrade", "websocket", "Sec-WebSocket-Protocol", wrong)),
                    wrong);
        }
    }

    @Test
    void nobodyMayBeLimitedToPaths() throws Exception {
        AnonymousAuthenticator limited = new AnonymousAuthenticator(Set.of("/healthz"));
        assertEquals(Optional.empty(), limited.authenticate(Requests.of()));
    }

    @Test
    void reviewsSayWhoseATokenIs() throws Exception {
        IdentityReviews reviews = new IdentityReviews(chain().tokens(), List.of("api"));
        ObjectNode review = Json.object();
        review.putObject("spec").put("token", "secret");
        ObjectNode status = (ObjectNode) reviews.token(Requests.of(), review).path("status");
        assertTrue(status.path("authenticated").asBoolean());
        assertEquals("jane", status.path("user").path("username").asText());
        assertEquals("api", status.path("audiences").get(0).asText());
        assertEquals(
                "system:authenticated",
                status.path("user").path("groups").get(0).asText());
        review.withObject("/spec").put("token", "other");
        assertEquals(
                "invalid bearer token",
                reviews.token(Requests.of(), review)
                        .path("status")
                        .path("error")
                        .asText());
        review.withObject("/spec").put("token", "secret").putArray("audiences").add("vault");
        assertFalse(reviews.token(Requests.of(), review)
                .path("status")
                .path("authenticated")
                .asBoolean());
        review.withObject("/spec").put("token", "");
        assertThrows(ApiException.class, () -> reviews.token(Requests.of(), review));
        TokenAuthenticator failing = (token, audiences) -> {
            throw new AuthenticationException("service account token has expired");
        };
        review.withObject("/spec").put("token", "old");
        assertEquals(
                "[invalid bearer token, service account token has expired]",
                new IdentityReviews(failing, List.of("api"))
                        .token(Requests.of(), review)
                        .path("status")
                        .path("error")
                        .asText());
    }

    @Test
    void rememberedTokensAreForgottenInTime() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        TokenCache cache = TokenCache.ordinary(
                (token, _) -> {
                    asked.incrementAndGet();
                    return token.equals("good") ? Optional.of(Authenticated.of(UserInfo.LOOPBACK)) : Optional.empty();
                },
                () -> now);
        cache.authenticate("good", List.of());
        cache.authenticate("good", List.of());
        assertEquals(1, asked.get());
        cache.authenticate("good", List.of("other"));
        assertEquals(2, asked.get());
        now = now.plusSeconds(10);
        cache.authenticate("good", List.of());
        assertEquals(3, asked.get());
        cache.authenticate("bad", List.of());
        cache.authenticate("bad", List.of());
        assertEquals(5, asked.get());
    }
}
