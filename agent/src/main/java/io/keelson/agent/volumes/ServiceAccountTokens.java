package io.keelson.agent.volumes;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tokens of service accounts, each bound to a pod and for an audience. One is used until four fifths of its life, or
 * 24 hours, are over, less some seconds that differ, so that not all are renewed at once; one that cannot be renewed
 * is used until its end. Kept until the pod is gone. Any thread.
 */
public final class ServiceAccountTokens {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceAccountTokens.class);
    private static final Duration AGE_MAX = Duration.ofHours(24);
    private static final long JITTER_MAX_MS = 10_000;
    private static final long EXPIRATION_SECONDS = 3600;

    private final KubernetesClient client;
    private final Time time;
    private final Map<Key, Token> tokens = new HashMap<>();

    private record Key(String podUid, String account, String audience, long expirationSeconds) {}

    /**
     * A token.
     *
     * @param text what is shown to the API
     * @param issued when it began to be valid
     * @param expires when it ends
     * @param life how long it was asked to be valid
     */
    public record Token(String text, Instant issued, Instant expires, Duration life) {}

    /** None yet. */
    public ServiceAccountTokens(KubernetesClient client, Time time) {
        this.client = client;
        this.time = time;
    }

    /**
     * A token for a pod's service account.
     *
     * @param audience whom it is to be shown to; empty for the API
     * @param expirationSeconds how long it is to be valid; null for an hour
     * @throws VolumeException if there is none that is valid
     */
    public Token get(Pod pod, String audience, @Nullable Long expirationSeconds) throws VolumeException {
        long seconds = expirationSeconds == null ? EXPIRATION_SECONDS : expirationSeconds;
        String account = OrEmpty.of(pod.getSpec().getServiceAccountName());
        if (account.isEmpty()) {
            account = "default";
        }
        Key key = new Key(pod.getMetadata().getUid(), account, audience, seconds);
        Token known;
        synchronized (this) {
            known = tokens.get(key);
        }
        if (known != null && !isOld(known)) {
            return known;
        }
        Token fresh;
        try {
            fresh = request(pod, key);
        } catch (KubernetesClientException e) {
            if (known == null) {
                throw new VolumeException("failed to fetch token: " + Refusals.message(e), e);
            }
            if (time.instant().isAfter(known.expires)) {
                throw new VolumeException("token expired and refresh failed: " + Refusals.message(e), e);
            }
            LOG.warn(
                    "a token for pod {} is not renewed yet: {}",
                    pod.getMetadata().getName(),
                    Refusals.message(e));
            return known;
        }
        synchronized (this) {
            tokens.put(key, fresh);
        }
        return fresh;
    }

    private boolean isOld(Token token) {
        Instant now = time.instant();
        Duration jitter = Duration.ofMillis(ThreadLocalRandom.current().nextLong(JITTER_MAX_MS));
        // A clock that was set back makes tokens that are not valid yet.
        return now.isBefore(token.issued)
                || now.isAfter(token.issued.plus(AGE_MAX).minus(jitter))
                || now.isAfter(token.expires.minus(token.life.dividedBy(5)).minus(jitter));
    }

    private Token request(Pod pod, Key key) {
        TokenRequest request = new TokenRequestBuilder()
                .withNewSpec()
                .withExpirationSeconds(key.expirationSeconds)
                .withNewBoundObjectRef()
                .withApiVersion("v1")
                .withKind("Pod")
                .withName(pod.getMetadata().getName())
                .withUid(key.podUid)
                .endBoundObjectRef()
                .endSpec()
                .build();
        if (!key.audience.isEmpty()) {
            request.getSpec().getAudiences().add(key.audience);
        }
        TokenRequest answer = client.serviceAccounts()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(key.account)
                .tokenRequest(request);
        Instant expires = Pods.time(answer.getStatus().getExpirationTimestamp());
        long seconds = Objects.requireNonNullElse(answer.getSpec().getExpirationSeconds(), key.expirationSeconds);
        if (expires == null) {
            expires = time.instant().plusSeconds(seconds);
        }
        Duration life = Duration.ofSeconds(seconds);
        return new Token(answer.getStatus().getToken(), expires.minus(life), expires, life);
    }

    /** Forgets a pod's. Right when repeated. */
    public synchronized void forget(String podUid) {
        tokens.keySet().removeIf(key -> key.podUid.equals(podUid));
    }
}
