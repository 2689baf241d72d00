package io.keelson.controllers.serviceaccount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LegacyTokensTest {
    private static final LegacyTokens TOKENS =
            new LegacyTokens(Instant.parse("2026-06-15T12:00:00Z"), Duration.ofDays(100));
    // A hundred days before that is 2026-03-07T12:00:00Z.

    private static final ServiceAccount ACCOUNT = new ServiceAccountBuilder()
            .withNewMetadata()
            .withName("robot")
            .withUid("uid-1")
            .endMetadata()
            .addNewSecret()
            .withName("token")
            .endSecret()
            .build();

    private static SecretBuilder secret() {
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName("token")
                .withCreationTimestamp("2026-03-07T11:59:59Z")
                .addToAnnotations("kubernetes.io/service-account.name", "robot")
                .addToAnnotations("kubernetes.io/service-account.uid", "uid-1")
                .endMetadata()
                .withType("kubernetes.io/service-account-token");
    }

    private static LegacyTokens.Fate fate(SecretBuilder secret) {
        return TOKENS.of(secret.build(), ACCOUNT, name -> false);
    }

    @Test
    void onlyTheVersionThatWasLookedAtIsMadeInvalid() {
        Secret seen = secret().editMetadata()
                .withUid("uid-2")
                .withResourceVersion("7")
                .endMetadata()
                .build();
        assertEquals(
                Map.of(
                        "metadata",
                        Map.of(
                                "uid", "uid-2",
                                "resourceVersion", "7",
                                "labels", Map.of(LegacyTokens.INVALID_SINCE, "2026-06-15"))),
                LegacyTokens.invalid(seen, TOKENS.today()));
    }

    @ParameterizedTest
    @CsvSource({
        "2026-03-07T11:59:59Z, , , INVALIDATE",
        "2026-03-07T12:00:00Z, , , KEEP",
        "2020-01-01T00:00:00Z, 2026-03-06, , INVALIDATE",
        "2020-01-01T00:00:00Z, 2026-03-07, , KEEP",
        "2020-01-01T00:00:00Z, someday, , KEEP",
        "2020-01-01T00:00:00Z, , 2026-03-07, KEEP",
        "2020-01-01T00:00:00Z, , 2026-03-06, DELETE",
        "2020-01-01T00:00:00Z, , someday, INVALIDATE",
        "2020-01-01T00:00:00Z, 2026-06-01, 2026-03-06, KEEP",
    })
    void aTokenGoesInTwoSteps(
            String created, @Nullable String lastUsed, @Nullable String invalidSince, LegacyTokens.Fate fate) {
        SecretBuilder secret =
                secret().editMetadata().withCreationTimestamp(created).endMetadata();
        if (lastUsed != null) {
            secret.editMetadata().addToLabels(LegacyTokens.LAST_USED, lastUsed).endMetadata();
        }
        if (invalidSince != null) {
            secret.editMetadata()
                    .addToLabels(LegacyTokens.INVALID_SINCE, invalidSince)
                    .endMetadata();
        }
        assertEquals(fate, fate(secret));
    }

    @Test
    void onlyTokensThatWereMadeByThemselvesAndThatNoPodUsesGo() {
        assertEquals(LegacyTokens.Fate.KEEP, fate(secret().withType("Opaque")));
        assertEquals(
                LegacyTokens.Fate.KEEP,
                fate(secret().editMetadata().withName("other").endMetadata()));
        assertEquals(
                LegacyTokens.Fate.KEEP,
                fate(secret().editMetadata()
                        .addToAnnotations("kubernetes.io/service-account.uid", "uid-2")
                        .endMetadata()));
        assertEquals(LegacyTokens.Fate.KEEP, TOKENS.of(secret().build(), null, name -> false));
        assertEquals(LegacyTokens.Fate.KEEP, TOKENS.of(secret().build(), ACCOUNT, "token"::equals));
    }

    @Test
    void nothingIsToldBeforeUsesWereTrackedForThatLong() {
        assertFalse(TOKENS.canTell(null));
        assertFalse(TOKENS.canTell("someday"));
        assertTrue(TOKENS.canTell("2026-03-06"));
        assertFalse(TOKENS.canTell("2026-03-07"));
    }

    @Test
    void aPodUsesSecretsInManyWays() {
        Pod pod = new PodBuilder()
                .withNewSpec()
                .addNewImagePullSecret("pull")
                .addNewContainer()
                .addNewEnvFrom()
                .withNewSecretRef("from", false)
                .endEnvFrom()
                .addNewEnv()
                .withName("A")
                .withNewValueFrom()
                .withNewSecretKeyRef("key", "variable", false)
                .endValueFrom()
                .endEnv()
                .addNewEnv()
                .withName("B")
                .withValue("plain")
                .endEnv()
                .endContainer()
                .addNewVolume()
                .withNewSecret()
                .withSecretName("volume")
                .endSecret()
                .endVolume()
                .addNewVolume()
                .withNewProjected()
                .addNewSource()
                .withNewSecret()
                .withName("projected")
                .endSecret()
                .endSource()
                .endProjected()
                .endVolume()
                .addNewVolume()
                .withNewCsi()
                .withNewNodePublishSecretRef("csi")
                .endCsi()
                .endVolume()
                .endSpec()
                .build();
        assertEquals(Set.of("pull", "from", "variable", "volume", "projected", "csi"), PodSecrets.of(pod));
        assertTrue(PodSecrets.of(new Pod()).isEmpty());
    }
}
