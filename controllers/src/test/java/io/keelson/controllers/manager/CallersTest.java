package io.keelson.controllers.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom callers are taken for. */
class CallersTest {
    private static final Caller OWNER = new Caller("owner", "7", List.of("system:authenticated"), Map.of());
    private static final Map<String, List<String>> NOTHING = Map.of();
    private static final KeyPair KEYS = TestCertificates.keys();

    private final TestCertificates clients = new TestCertificates("clients");
    private final TestCertificates proxies = new TestCertificates("proxies");

    @TempDir
    private Path folder;

    private Path clientFile;
    private Callers callers;

    @BeforeEach
    void make() throws IOException {
        clientFile = Files.writeString(folder.resolve("clients.crt"), clients.pem());
        callers = callers("proxy");
    }

    private Callers callers(String... proxyNames) throws IOException {
        Path proxyFile = Files.writeString(folder.resolve("proxies.crt"), proxies.pem());
        return new Callers(
                new ClientAuthority(clientFile),
                new FrontProxy(proxyFile, List.of(proxyNames), ReviewSettings.DEFAULT.proxyHeaders()),
                token -> token.equals("good") ? OWNER : null);
    }

    private @Nullable Caller caller(X509Certificate certificate, Map<String, List<String>> headers) {
        return callers.of(List.of(certificate), headers);
    }

    private static String name(@Nullable Caller caller) {
        return caller == null ? "" : caller.name();
    }

    @Test
    void aCertificateNamesAUserAndHisGroups() {
        X509Certificate certificate = clients.client("O=one+O=two,CN=scraper", KEYS);
        assertEquals(
                new Caller("scraper", null, List.of("one", "two", "system:authenticated"), Map.of()),
                caller(certificate, NOTHING));
        assertEquals(Caller.ANONYMOUS, caller(clients.client("O=nameless", KEYS), NOTHING), "it names nobody");
    }

    @Test
    void certificatesThatAreWorthNothingAreNotHeard() {
        assertNull(caller(proxies.client("CN=scraper", KEYS), NOTHING), "of another authority");
        X500Name scraper = new X500Name("CN=scraper");
        assertNull(
                caller(clients.issue(scraper, KEYS, Duration.ofMinutes(30), KeyPurposeId.id_kp_clientAuth), NOTHING),
                "its time is over");
        assertNull(
                caller(clients.issue(scraper, KEYS, Duration.ofDays(1), KeyPurposeId.id_kp_serverAuth), NOTHING),
                "it is a server's");
        Map<String, List<String>> good = Map.of("Authorization", List.of("Bearer good"));
        assertEquals(OWNER, caller(proxies.client("CN=scraper", KEYS), good), "a token is worth something beside it");
    }

    @Test
    void whoShowsNothingIsNobodyInParticular() {
        assertEquals(Caller.ANONYMOUS, callers.of(List.of(), NOTHING));
        assertEquals(Caller.ANONYMOUS, callers.of(List.of(), Map.of("Authorization", List.of("Basic YTpi"))));
        assertEquals(OWNER, callers.of(List.of(), Map.of("authorization", List.of("bearer  good"))));
        assertNull(callers.of(List.of(), Map.of("Authorization", List.of("Bearer bad"))));
    }

    @Test
    void aProxySaysForWhomItAsks() throws IOException {
        Map<String, List<String>> headers = Map.of(
                "X-remote-user", List.of("alice"),
                "X-remote-group", List.of("a", "b"),
                "X-remote-extra-scopes%2fof", List.of("x"));
        X509Certificate proxy = proxies.client("CN=proxy", KEYS);
        assertEquals(
                new Caller("alice", null, List.of("a", "b", "system:authenticated"), Map.of("scopes/of", List.of("x"))),
                caller(proxy, headers));
        assertNull(caller(proxy, NOTHING), "it is no client itself");
        assertNull(caller(proxies.client("CN=other", KEYS), headers), "another has that name");
        assertEquals(
                "scraper",
                name(caller(clients.client("CN=scraper", KEYS), headers)),
                "a client's words about others mean nothing");
        callers = callers();
        assertEquals("alice", name(caller(proxies.client("CN=other", KEYS), headers)));
    }

    @Test
    void authoritiesAreReadAgainWhenTheyWereWritten() throws IOException {
        TestCertificates next = new TestCertificates("next");
        X509Certificate before = clients.client("CN=scraper", KEYS);
        X509Certificate after = next.client("CN=scraper", KEYS);
        assertNull(caller(after, NOTHING));
        write(next.pem(), 1);
        assertEquals("scraper", name(caller(after, NOTHING)));
        assertNull(caller(before, NOTHING));
        write("nothing that could be read", 2);
        assertEquals("scraper", name(caller(after, NOTHING)), "what was good stays so");
        assertThrows(IOException.class, () -> new ClientAuthority(clientFile));
        assertThrows(IOException.class, () -> new ClientAuthority(folder.resolve("none")));
    }

    private void write(String text, int minutes) throws IOException {
        Files.writeString(clientFile, text);
        Files.setLastModifiedTime(clientFile, FileTime.from(Instant.now().plus(Duration.ofMinutes(minutes))));
    }
}
