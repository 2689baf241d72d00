package io.keelson.controllers.manager;

import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks the API server who shows a token and whether that one may read a path. Answers are kept for ten seconds, for the last
 * 256 tokens, and by their hashes only.
 */
public final class DelegatedAccess {
    private static final Duration KEPT = Duration.ofSeconds(10);
    private static final int KEPT_MAX = 256;
    private static final int TOKEN_MAX = 16_384;

    private final KubernetesClient client;
    private final InstantSource clock;
    private final Map<String, Kept> answers = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Kept> eldest) {
            return size() > KEPT_MAX;
        }
    };

    private record Kept(Answer answer, Instant until) {}

    /** What the API server says. */
    public enum Answer {
        /** Nobody shows that token. */
        UNKNOWN,
        /** Somebody who may not. */
        REFUSED,
        /** Somebody who may. */
        ALLOWED
    }

    /** Asks through a client, whose own user has to be allowed to create the two reviews. */
    public DelegatedAccess(KubernetesClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    /**
     * Whether who shows a token may GET a path.
     *
     * @param token null for nobody
     */
    Answer mayGet(@Nullable String token, String path) {
        if (token == null || token.isEmpty() || token.length() > TOKEN_MAX) {
            return Answer.UNKNOWN;
        }
        String question = hash(token) + path;
        Instant now = clock.instant();
        synchronized (answers) {
            Kept kept = answers.get(question);
            if (kept != null && now.isBefore(kept.until())) {
                return kept.answer();
            }
        }
        Answer answer = ask(token, path);
        synchronized (answers) {
            answers.put(question, new Kept(answer, now.plus(KEPT)));
        }
        return answer;
    }

    private Answer ask(String token, String path) {
        TokenReview review = client.tokenReviews()
                .create(new TokenReviewBuilder()
                        .withNewSpec()
                        .withToken(token)
                        .endSpec()
                        .build());
        if (!Boolean.TRUE.equals(review.getStatus().getAuthenticated())) {
            return Answer.UNKNOWN;
        }
        UserInfo user = review.getStatus().getUser();
        SubjectAccessReview access = client.authorization()
                .v1()
                .subjectAccessReview()
                .create(new SubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withUser(user.getUsername())
                        .withUid(user.getUid())
                        .withGroups(user.getGroups())
                        .withExtra(user.getExtra())
                        .withNewNonResourceAttributes()
                        .withPath(path)
                        .withVerb("get")
                        .endNonResourceAttributes()
                        .endSpec()
                        .build());
        return Boolean.TRUE.equals(access.getStatus().getAllowed()) ? Answer.ALLOWED : Answer.REFUSED;
    }

    private static String hash(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
