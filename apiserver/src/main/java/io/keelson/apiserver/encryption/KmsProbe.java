package io.keelson.apiserver.encryption;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Asks a plugin how it is, and makes a new seed when it uses another key than before. While it cannot be asked, values are
 * read without end and written for three more minutes. Any thread; one asks at a time.
 */
final class KmsProbe {
    private static final Duration WRITES_WITHOUT_ANSWER = Duration.ofMinutes(3);
    private static final Duration GOOD_FOR = Duration.ofSeconds(20);
    private static final Duration BAD_FOR = Duration.ofSeconds(3);

    private final String name;
    private final KmsService service;
    private final EncryptionMetrics.Plugin metrics;
    private final InstantSource clock;
    private final ReentrantLock asking = new ReentrantLock();

    private volatile @Nullable KmsKey key;
    private String version = "";
    private @Nullable String problem = "it was not asked yet";
    private Instant answerOver = Instant.MIN;

    KmsProbe(String name, KmsService service, EncryptionMetrics.Plugin metrics, InstantSource clock) {
        this.name = name;
        this.service = service;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** The key to write with, and to compare with what was written. */
    KmsKey key() throws GeneralSecurityException {
        KmsKey now = key;
        if (now == null) {
            throw new GeneralSecurityException("got unexpected nil transformer");
        }
        return now;
    }

    /** The key to write with, if it may be used to write. */
    KmsKey writingKey() throws GeneralSecurityException {
        KmsKey now = key();
        Instant time = clock.instant();
        if (time.isAfter(now.expires())) {
            throw new GeneralSecurityException("encryptedDEKSource with keyID hash \""
                    + Bytes.hash(now.source().keyId())
                    + "\" expired at " + now.expires().truncatedTo(ChronoUnit.SECONDS) + " (current time is "
                    + time.truncatedTo(ChronoUnit.SECONDS) + ")");
        }
        return now;
    }

    /** What is wrong with the plugin, as of a moment ago at most; null if nothing is. */
    @Nullable
    String check() {
        asking.lock();
        try {
            if (clock.instant().isBefore(answerOver)) {
                return problem;
            }
            problem = ask();
            answerOver = clock.instant().plus(problem == null ? GOOD_FOR : BAD_FOR);
            return problem;
        } finally {
            asking.unlock();
        }
    }

    private @Nullable String ask() {
        KmsService.Status status;
        try {
            status = service.status();
        } catch (GeneralSecurityException e) {
            return "failed to perform status section of the healthz check for KMS Provider " + name + ", error: "
                    + e.getMessage();
        }
        List<String> wrong = new ArrayList<>();
        if (!status.health().equals("ok")) {
            wrong.add("got unexpected healthz status: " + status.health());
        }
        if (!status.version().equals("v2") && !status.version().equals("v2beta1")) {
            wrong.add("expected KMSv2 API version v2, got " + status.version());
        } else if (version.isEmpty()) {
            version = status.version();
        } else if (!version.equals(status.version())) {
            wrong.add("KMSv2 API version should not change after the initial status response version " + version
                    + ", got " + status.version());
        }
        String wrongKey = EncryptedObject.wrongKeyId(status.keyId());
        if (wrongKey.isEmpty()) {
            metrics.stated(status.keyId());
            try {
                rotate(status.keyId());
            } catch (GeneralSecurityException e) {
                wrong.add(String.valueOf(e.getMessage()));
            }
        } else {
            metrics.statedWrongly(status.keyId().isEmpty() ? "empty" : "too_long");
            wrong.add("got invalid KMSv2 KeyID hash \"" + Bytes.hash(status.keyId()) + "\": " + wrongKey);
        }
        if (wrong.isEmpty()) {
            return null;
        }
        String text = wrong.size() == 1 ? wrong.getFirst() : "[" + String.join(", ", wrong) + "]";
        return "kmsv2 Provider " + name + " is not healthy, error: " + text;
    }

    /** Makes a new seed if the plugin uses another key than for the present one. */
    private void rotate(String keyId) throws GeneralSecurityException {
        KmsKey now = key;
        // It counts from before the plugin is asked, so that it is an upper bound.
        Instant expires = clock.instant().plus(WRITES_WITHOUT_ANSWER);
        if (now != null && now.source().keyId().equals(keyId)) {
            key = now.until(expires);
            return;
        }
        String uid = UUID.randomUUID().toString();
        byte[] seed = Bytes.random(SeededGcm.SEED);
        KmsService.Encrypted source;
        try {
            source = service.encrypt(uid, seed);
            EncryptedObject.checkSource(source);
        } catch (GeneralSecurityException e) {
            throw failed(uid, "failed to encrypt DEK, error: " + e.getMessage(), keyId, "", now);
        }
        if (!source.keyId().equals(keyId)) {
            // It has changed between the two calls; next time both will say the same.
            throw failed(uid, "<nil>", keyId, source.keyId(), now);
        }
        key = new KmsKey(new SeededGcm(seed), source, expires);
    }

    private static GeneralSecurityException failed(
            String uid, String why, String statusKey, String encryptKey, @Nullable KmsKey now) {
        String expires = now == null
                ? "0001-01-01T00:00:00Z"
                : now.expires().truncatedTo(ChronoUnit.SECONDS).toString();
        return new GeneralSecurityException("failed to rotate DEK uid=\"" + uid + "\", useSeed=true, errState="
                + (now == null ? "got unexpected nil transformer" : "<nil>") + ", errGen=" + why
                + ", statusKeyIDHash=\"" + Bytes.hash(statusKey) + "\", encryptKeyIDHash=\"" + Bytes.hash(encryptKey)
                + "\", stateKeyIDHash=\""
                + (now == null ? "" : Bytes.hash(now.source().keyId()))
                + "\", expirationTimestamp=" + expires);
    }
}
