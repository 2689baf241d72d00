package io.keelson.controllers.manager;

import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewSpec;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewSpecBuilder;
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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the API server who shows a token and whether that one may read a path. Answers are kept for some time, for the
 * last 256 questions, and by their hashes only.
 */
final class DelegatedAccess {
    private static final int KEPT_MAX = 256;
    private static final int TOKEN_MAX = 16_384;

    private final KubernetesClient tokens;
    private final KubernetesClient rights;
    private final AccessSettings settings;
    private final InstantSource clock;
    private final Map<String, Kept> answers = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Kept> eldest) {
            return size() > KEPT_MAX;
        }
    };

    private record Kept(Answer answer, Instant until) {}

    /** What the API server says. */
    enum Answer {
        /** Nobody shows that token. */
        UNKNOWN,
        /** Somebody who may not. */
        REFUSED,
        /** Somebody who may. */
        ALLOWED
    }

    /**
     * Asks through clients.
     *
     * @param tokens whose own user may create reviews of tokens
     * @param rights whose own user may create reviews of access
     */
    DelegatedAccess(KubernetesClient tokens, KubernetesClient rights, AccessSettings settings, InstantSource clock) {
        this.tokens = tokens;
        this.rights = rights;
        this.settings = settings;
        this.clock = clock;
    }

    /** Whether everybody may GET a path. */
    boolean isOpen(String path) {
        return settings.isOpen(path);
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
        return kept(hash("token\n" + token + '\n' + path), settings.tokensKept(), () -> ask(token, path));
    }

    /** Whether somebody who is known may GET a path. */
    Answer mayGet(ClientCertificates.User user, String path) {
        String question = "user\n" + user.name() + '\n' + String.join("\n", user.groups()) + '\n' + path;
        return kept(hash(question), Duration.ofDays(1), () -> {
            SubjectAccessReviewSpec asked = new SubjectAccessReviewSpecBuilder()
                    .withUser(user.name())
                    .withGroups(user.groups())
                    .build();
            return may(asked, path);
        });
    }

    private Answer kept(String question, Duration most, Supplier<Answer> asked) {
        Instant now = clock.instant();
        synchronized (answers) {
            Kept kept = answers.get(question);
            if (kept != null && now.isBefore(kept.until())) {
                return kept.answer();
            }
        }
        Answer answer = asked.get();
        Duration length = switch (answer) {
            case UNKNOWN -> most;
            case ALLOWED -> settings.allowedKept();
            case REFUSED -> settings.refusedKept();
        };
        synchronized (answers) {
            answers.put(question, new Kept(answer, now.plus(length.compareTo(most) < 0 ? length : most)));
        }
        return answer;
    }

    private Answer ask(String token, String path) {
        TokenReview review = tokens.tokenReviews()
                .create(new TokenReviewBuilder()
                        .withNewSpec()
                        .withToken(token)
                        .endSpec()
                        .build());
        if (!Boolean.TRUE.equals(review.getStatus().getAuthenticated())) {
            return Answer.UNKNOWN;
        }
        UserInfo user = review.getStatus().getUser();
        return may(
                new SubjectAccessReviewSpecBuilder()
                        .withUser(user.getUsername())
                        .withUid(user.getUid())
                        .withGroups(user.getGroups())
                        .withExtra(user.getExtra())
                        .build(),
                path);
    }

    private Answer may(SubjectAccessReviewSpec user, String path) {
        SubjectAccessReview access = rights.authorization()
                .v1()
                .subjectAccessReview()
                .create(new SubjectAccessReviewBuilder()
                        .withSpec(new SubjectAccessReviewSpecBuilder(user)
                                .withNewNonResourceAttributes()
                                .withPath(path)
                                .withVerb("get")
                                .endNonResourceAttributes()
                                .build())
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
