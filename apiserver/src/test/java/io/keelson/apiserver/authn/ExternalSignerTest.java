package io.keelson.apiserver.authn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.kvstore.metrics.Metrics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokens that a program on this machine signs, and its keys. */
final class ExternalSignerTest {
    private static final String FAILED = "Internal error occurred: failed to generate token: ";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final Metrics metrics = new Metrics();
    private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @SuppressWarnings("NullAway.Init")
    private TestSigner signer;

    @BeforeEach
    void start() throws Exception {
        signer = new TestSigner(folder.resolve("signer.sock"))
                .withExcluded("legacy")
                .signingWith("one");
    }

    @AfterEach
    void stop() {
        signer.close();
    }

    private ExternalSigner open() throws IOException {
        return ExternalSigner.open(folder.resolve("signer.sock"), metrics, () -> now);
    }

    private static ObjectNode claims() {
        return Json.object().put("iss", "https://issuer").put("sub", "system:serviceaccount:a:b");
    }

    private static boolean believed(ExternalSigner keys, String token) {
        SignedToken signed = SignedToken.parse(token);
        assertNotNull(signed);
        return keys.candidates(signed.keyId()).stream().anyMatch(signed::signedBy);
    }

    private static String failure(ExternalSigner keys) {
        return assertThrows(ApiException.class, () -> keys.sign(claims())).message();
    }

    @Test
    void aTokenHasTheHeaderAndTheSignatureOfTheSignerAroundTheClaimsOfTheServer() throws Exception {
        try (ExternalSigner keys = open()) {
            String token = keys.sign(claims());
            SignedToken signed = SignedToken.parse(token);
            assertNotNull(signed);
            assertEquals("one", signed.keyId());
            assertEquals(claims(), signed.claims());
            assertTrue(believed(keys, token));
            assertEquals(2, keys.candidates("").size());
        }
        String text = metrics.text();
        assertTrue(text.contains("apiserver_externaljwt_sign_request_total{code=\"OK\"} 1\n"), text);
        assertTrue(text.contains("apiserver_externaljwt_fetch_keys_request_total{code=\"OK\"} 1\n"), text);
        assertTrue(text.contains("apiserver_externaljwt_fetch_keys_data_timestamp 1700000000\n"), text);
        assertTrue(
                text.contains("apiserver_externaljwt_fetch_keys_success_timestamp " + now.getEpochSecond() + "\n"),
                text);
        assertTrue(
                text.contains("apiserver_externaljwt_request_duration_seconds_count{code=\"OK\","
                        + "method=\"/v1.ExternalJWTSigner/Sign\"} 1\n"),
                text);
    }

    @Test
    void othersAreToldOfTheKeysThatAreNotExcludedUntilTheyAreFetchedAgain() throws Exception {
        try (ExternalSigner keys = open()) {
            OpenIdDocuments documents = OpenIdDocuments.of("https://issuer", "https://issuer/openid/v1/jwks", keys);
            ObjectNode set = Json.parseObject(documents.keySet());
            assertEquals(1, set.path("keys").size());
            assertEquals("one", set.at("/keys/0/kid").asText());
            assertEquals("ES256", set.at("/keys/0/alg").asText());
            assertEquals(List.of("ES256"), keys.algorithms());
            assertEquals(600, documents.maxAgeSeconds());
            now = now.plusSeconds(590);
            assertEquals(10, keys.maxAgeSeconds());
            now = now.plusSeconds(590);
            assertEquals(0, keys.maxAgeSeconds());
        }
    }

    @Test
    void aKeyThatIsNotKnownIsAskedForButNotByEveryToken() throws Exception {
        try (ExternalSigner keys = open()) {
            assertEquals(1, signer.fetched.get());
            String token = keys.sign(claims());
            signer.signingWith("two");
            String later = keys.sign(claims());
            assertTrue(believed(keys, later));
            assertTrue(believed(keys, token));
            int known = signer.fetched.get();
            assertEquals(2, known);
            assertTrue(keys.candidates("nobody's").isEmpty());
            assertEquals(known, signer.fetched.get(), "within the same second");
            now = now.plus(ExternalSigner.FETCH_EVERY);
            assertTrue(keys.candidates("nobody's").isEmpty());
            assertEquals(known + 1, signer.fetched.get());
        }
    }

    /** Or the token that came with it, and those of others after it, would be refused. */
    @Test
    void beingInterruptedDoesNotMeanThatThereIsNoSuchKey() throws Exception {
        try (ExternalSigner keys = open()) {
            signer.signingWith("two");
            // An answer that is there before anybody waits for it is taken, interrupted or not.
            signer.gate = new CountDownLatch(1);
            Thread.currentThread().interrupt();
            ApiException interrupted;
            try {
                interrupted = assertThrows(ApiException.class, () -> keys.candidates("two"));
            } finally {
                assertTrue(Thread.interrupted(), "what waits next is not to wait either");
                signer.gate.countDown();
            }
            assertEquals("503 the request was interrupted", interrupted.code() + " " + interrupted.message());
            assertFalse(keys.candidates("two").isEmpty(), "it is asked for again at once");
        }
    }

    @Test
    void keysAreFetchedAsOftenAsTheSignerWants() throws Exception {
        signer.refreshHintSeconds = 1;
        try (ExternalSigner keys = open()) {
            long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (signer.fetched.get() < 3) {
                assertTrue(System.nanoTime() - end < 0, "they were not fetched again");
                Thread.sleep(20);
            }
            assertFalse(keys.candidates("one").isEmpty());
        }
    }

    @Test
    void whileTheSignerIsOutOfOrderItsKeysAreBelievedAndNothingIsSigned() throws Exception {
        try (ExternalSigner keys = open()) {
            String token = keys.sign(claims());
            signer.broken = true;
            assertEquals(FAILED + "while signing jwt: rpc error: code = Internal desc = out of order", failure(keys));
            assertTrue(believed(keys, token));
            assertTrue(keys.candidates("two").isEmpty());
        }
        String text = metrics.text();
        assertTrue(text.contains("apiserver_externaljwt_sign_request_total{code=\"Internal\"} 1\n"), text);
        assertTrue(text.contains("apiserver_externaljwt_fetch_keys_request_total{code=\"Internal\"} 1\n"), text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"alg\":\"ES256\",\"kid\":\"one\"} | bad type",
                "{\"alg\":\"ES256\",\"typ\":\"JWT\"} | key id missing",
                "{\"alg\":\"HS256\",\"kid\":\"one\",\"typ\":\"JWT\"} | bad signing algorithm \"HS256\"",
                "{\"alg\":\"ES256\",\"kid\":\"one\",\"typ\":\"JWT\",\"jku\":\"x\"}"
                        + " | while parsing header JSON: json: unknown field \"jku\"",
                "{\"alg\":\"ES256\",\"kid\":\"legacy\",\"typ\":\"JWT\"}"
                        + " | key used for signing JWT (kid: legacy) is excluded from OIDC discovery docs"
            })
    void aHeaderThatNoTokenOfThisServerWouldHaveIsRefused(String header, String why) throws Exception {
        try (ExternalSigner keys = open()) {
            signer.header = header;
            assertEquals(FAILED + "while validating header: " + why, failure(keys));
        }
        String text = metrics.text();
        assertTrue(text.contains("apiserver_externaljwt_sign_request_total{code=\"unknown-non-grpc\"} 1\n"), text);
    }

    @Test
    void whoDoesNotTellItsKeysCannotBeUsed() {
        String prefix = "while initially filling key cache: while performing initial cache fill: while fetching token"
                + " verification keys: ";
        signer.refreshHintSeconds = 0;
        assertEquals(
                prefix + "found invalid refresh hint (0s)",
                assertThrows(IOException.class, this::open).getMessage());
    }

    @Test
    void whoIsOutOfOrderAtTheStartCannotBeUsed() {
        signer.broken = true;
        assertEquals(
                "while initially filling key cache: while performing initial cache fill: while fetching token"
                        + " verification keys: while getting externally supported jwt signing keys: rpc error: code ="
                        + " Internal desc = out of order",
                assertThrows(IOException.class, this::open).getMessage());
    }

    @Test
    void livesOfTokensAreBoundedByTheSigner() throws Exception {
        signer.lasting(7_200);
        try (ExternalSigner keys = open()) {
            assertEquals(Duration.ofHours(2), keys.lifeMax(Duration.ZERO));
            assertEquals(Duration.ofHours(1), keys.lifeMax(Duration.ofHours(1)));
            assertEquals(
                    "service-account-max-token-expiration cannot be set longer than the token expiration supported by"
                            + " service-account-signing-endpoint: 24h0m0s > 2h0m0s",
                    assertThrows(IOException.class, () -> keys.lifeMax(Duration.ofDays(1)))
                            .getMessage());
        }
    }

    @Test
    void aSignerOfTokensThatHardlyLiveCannotBeUsed() throws Exception {
        signer.lasting(300);
        try (ExternalSigner keys = open()) {
            assertEquals(
                    "max token life supported by external-jwt-signer (300s) is less than acceptable (min 600s)",
                    assertThrows(IOException.class, () -> keys.lifeMax(Duration.ZERO))
                            .getMessage());
        }
    }
}
