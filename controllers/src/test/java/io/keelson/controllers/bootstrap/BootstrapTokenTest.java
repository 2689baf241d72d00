package io.keelson.controllers.bootstrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BootstrapTokenTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

    private static Secret secret(String... changes) {
        Map<String, String> data = new TreeMap<>(Map.of(
                "token-id", "abcdef",
                "token-secret", "0123456789abcdef",
                "usage-bootstrap-signing", "true",
                "expiration", "2026-03-01T11:00:01+01:00"));
        for (int i = 0; i < changes.length; i += 2) {
            data.put(changes[i], changes[i + 1]);
        }
        data.replaceAll((name, value) -> Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8)));
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace("kube-system")
                .withName("bootstrap-token-abcdef")
                .endMetadata()
                .withType("bootstrap.kubernetes.io/token")
                .withData(data)
                .build();
    }

    @Test
    void aTokenSignsUntilItExpires() {
        assertEquals(new BootstrapToken("abcdef", "0123456789abcdef"), BootstrapToken.forSigning(secret(), NOW));
        assertNull(BootstrapToken.forSigning(secret(), NOW.plusSeconds(1)));
        assertNotNull(BootstrapToken.forSigning(secret("expiration", ""), NOW.plusSeconds(1_000_000_000)));
    }

    @ParameterizedTest
    @CsvSource({
        "token-id, fedcba",
        "token-id, ''",
        "token-secret, ''",
        "usage-bootstrap-signing, false",
        "usage-bootstrap-signing, ''",
        "expiration, tomorrow"
    })
    void whatIsNotWellFormedDoesNotSign(String name, String value) {
        assertNull(BootstrapToken.forSigning(secret(name, value), NOW));
    }

    @Test
    void onlySecretsOfTheirTypeAndPlaceAreTokens() {
        Secret elsewhere = new SecretBuilder(secret())
                .editMetadata()
                .withNamespace("default")
                .endMetadata()
                .build();
        assertNull(BootstrapToken.forSigning(elsewhere, NOW));
        assertNull(BootstrapToken.forSigning(
                new SecretBuilder(secret()).withType("Opaque").build(), NOW));
        Secret rubbish =
                new SecretBuilder(secret()).addToData("token-id", "%%%").build();
        assertNull(BootstrapToken.forSigning(rubbish, NOW));
    }

    /** Computed by openssl: {@code printf 'header.payload' | openssl dgst -sha256 -hmac secret -binary | base64}. */
    @Test
    void aSignatureIsAJwsWithoutItsContent() {
        assertEquals(
                "eyJhbGciOiJIUzI1NiIsImtpZCI6ImFiY2RlZiJ9..pQpAf41KnbpDpf53Otu_ufAeAbWD9CSytTS_WpoG4Mc",
                new BootstrapToken("abcdef", "0123456789abcdef").sign("payload"));
    }

    @Test
    void signaturesAreThoseOfTheTokensAndNoOthers() {
        BootstrapToken token = new BootstrapToken("abcdef", "0123456789abcdef");
        Map<String, String> signed = Signatures.signed(
                Map.of("kubeconfig", "payload", "jws-kubeconfig-old000", "x", "note", "kept"), List.of(token));
        assertEquals(
                Map.of("kubeconfig", "payload", "note", "kept", "jws-kubeconfig-abcdef", token.sign("payload")),
                signed);
        assertEquals(signed, Signatures.signed(signed, List.of(token)));
        Map<String, String> nothing = Map.of("jws-kubeconfig-old000", "x");
        assertSame(nothing, Signatures.signed(nothing, List.of(token)));
    }
}
