package io.keelson.controllers.manager;

import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewSpecBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says who may read what a component serves. Who has a certificate is known by that; of others the API server is asked
 * whose token they show, and of all but the paths that are open to everybody whether they may. The last 256 answers of
 * each sort are kept for a while, those about tokens by their hashes only.
 */
public final class DelegatedAccess {
    private static final int KEPT_MAX = 256;
    private static final int TOKEN_MAX = 16_384;

    /** What is served has a shorter one; longer ones of anybody are not to fill the memory. */
    private static final int PATH_KEPT_MAX = 256;

    private final KubernetesClient tokens;
    private final KubernetesClient rights;
    private final ReviewSettings settings;
    private final InstantSource clock;
    private final Callers callers;
    private final boolean certificates;
    private final Map<String, Kept<Optional<Caller>>> owners = keeping();
    private final Map<Question, Kept<Boolean>> answers = keeping();

    private record Question(Caller caller, String verb, Thing thing) {
        boolean isShort() {
            return switch (thing) {
                case ServedPath path -> path.path().length() <= PATH_KEPT_MAX;
                case NodePart _ -> true;
                case ApiObjects objects -> objects.action().length() <= PATH_KEPT_MAX;
            };
        }
    }

    /** What somebody wants to do something with. */
    private sealed interface Thing {}

    private record ServedPath(String path) implements Thing {}

    private record NodePart(String node, String subresource) implements Thing {}

    private record ApiObjects(ApiAction action) implements Thing {}

    /** An answer; a clock that was set back makes it old, not good for longer. */
    private record Kept<T>(T answer, Instant since, Instant until) {
        boolean isGood(Instant now) {
            return !now.isBefore(since) && now.isBefore(until);
        }
    }

    /** What the API server says. */
    public enum Answer {
        /** Nobody shows that token, or that certificate. */
        UNKNOWN,
        /** Somebody who may not. */
        REFUSED,
        /** Somebody who may. */
        ALLOWED
    }

    private DelegatedAccess(
            KubernetesClient tokens,
            KubernetesClient rights,
            ReviewSettings settings,
            InstantSource clock,
            @Nullable ClientAuthority clients,
            @Nullable FrontProxy proxy) {
        this.tokens = tokens;
        this.rights = rights;
        this.settings = settings;
        this.clock = clock;
        callers = new Callers(clients, proxy, this::owner);
        certificates = clients != null || proxy != null;
    }

    /**
     * Asks as settings say.
     *
     * @param tokens whose own user may create reviews of tokens
     * @param rights whose own user may create reviews of access
     * @throws IOException if a file of authorities cannot be read
     */
    public static DelegatedAccess of(
            KubernetesClient tokens, KubernetesClient rights, ReviewSettings settings, InstantSource clock)
            throws IOException {
        ClientAuthority clients =
                settings.clientAuthorities() == null ? null : new ClientAuthority(settings.clientAuthorities());
        FrontProxy proxy = settings.proxyAuthorities() == null
                ? null
                : new FrontProxy(settings.proxyAuthorities(), settings.proxyNames(), settings.proxyHeaders());
        return new DelegatedAccess(tokens, rights, settings, clock, clients, proxy);
    }

    private static <K, V> Map<K, V> keeping() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > KEPT_MAX;
            }
        };
    }

    /** Whether clients are to be asked for certificates. */
    public boolean asksForCertificates() {
        return certificates;
    }

    /**
     * Whether who asks may.
     *
     * @param verb what he wants to do: {@code get}
     * @param chain of certificates that he showed
     * @param headers of his request
     * @throws KubernetesClientException if the API server cannot be asked
     */
    public Answer may(String verb, String path, List<X509Certificate> chain, Map<String, List<String>> headers) {
        if (settings.isOpen(path)) {
            return Answer.ALLOWED;
        }
        Caller caller = callers.of(chain, headers);
        if (caller == null) {
            return Answer.UNKNOWN;
        }
        return may(new Question(caller, verb, new ServedPath(path))) ? Answer.ALLOWED : Answer.REFUSED;
    }

    /**
     * Who asks.
     *
     * @param chain of certificates that he showed
     * @param headers of his request
     * @return null if it is somebody whom nobody knows
     * @throws KubernetesClientException if the API server cannot be asked
     */
    public @Nullable Caller caller(List<X509Certificate> chain, Map<String, List<String>> headers) {
        return callers.of(chain, headers);
    }

    /**
     * Whether somebody may do something with a part of a node.
     *
     * @param verb of the API: {@code get}, {@code create}
     * @param subresource {@code proxy}, {@code log}, …
     * @throws KubernetesClientException if the API server cannot be asked
     */
    public boolean mayDoWithNode(Caller caller, String verb, String node, String subresource) {
        return may(new Question(caller, verb, new NodePart(node, subresource)));
    }

    /**
     * Whether somebody may do something with objects of the API.
     *
     * @throws KubernetesClientException if the API server cannot be asked
     */
    public boolean mayDo(Caller caller, ApiAction action) {
        return may(new Question(caller, action.verb(), new ApiObjects(action)));
    }

    private boolean may(Question question) {
        Boolean known = kept(answers, question);
        if (known == null) {
            known = ask(question);
            if (question.isShort()) {
                keep(answers, question, known, known ? settings.allowedKept() : settings.refusedKept());
            }
        }
        return known;
    }

    private @Nullable Caller owner(String token) {
        if (token.isEmpty() || token.length() > TOKEN_MAX) {
            return null;
        }
        String hash = hash(token);
        Optional<Caller> known = kept(owners, hash);
        if (known == null) {
            known = review(token);
            keep(owners, hash, known, settings.tokenKept());
        }
        return known.orElse(null);
    }

    private Optional<Caller> review(String token) {
        TokenReview review = tokens.tokenReviews()
                .create(new TokenReviewBuilder()
                        .withNewSpec()
                        .withToken(token)
                        .endSpec()
                        .build());
        if (!Boolean.TRUE.equals(review.getStatus().getAuthenticated())) {
            return Optional.empty();
        }
        UserInfo user = review.getStatus().getUser();
        return Optional.of(new Caller(
                OrEmpty.of(user.getUsername()),
                user.getUid(),
                OrEmpty.of(user.getGroups()),
                user.getExtra() == null ? Map.of() : user.getExtra()));
    }

    private boolean ask(Question question) {
        Caller caller = question.caller();
        SubjectAccessReviewSpecBuilder asked = new SubjectAccessReviewSpecBuilder()
                .withUser(caller.name())
                .withUid(caller.uid())
                .withGroups(caller.groups())
                .withExtra(caller.extra());
        asked = switch (question.thing()) {
            case ServedPath path ->
                asked.withNewNonResourceAttributes()
                        .withPath(path.path())
                        .withVerb(question.verb())
                        .endNonResourceAttributes();
            case NodePart part ->
                asked.withNewResourceAttributes()
                        .withGroup("")
                        .withVersion("v1")
                        .withResource("nodes")
                        .withName(part.node())
                        .withSubresource(part.subresource())
                        .withVerb(question.verb())
                        .endResourceAttributes();
            case ApiObjects objects ->
                asked.withNewResourceAttributes()
                        .withGroup(objects.action().group())
                        .withVersion(objects.action().version())
                        .withResource(objects.action().resource())
                        .withNamespace(objects.action().namespace())
                        .withName(objects.action().name())
                        .withVerb(question.verb())
                        .endResourceAttributes();
        };
        SubjectAccessReview access = rights.authorization()
                .v1()
                .subjectAccessReview()
                .create(new SubjectAccessReviewBuilder().withSpec(asked.build()).build());
        return Boolean.TRUE.equals(access.getStatus().getAllowed());
    }

    private <K, V> @Nullable V kept(Map<K, Kept<V>> among, K key) {
        Instant now = clock.instant();
        synchronized (among) {
            Kept<V> found = among.get(key);
            return found != null && found.isGood(now) ? found.answer() : null;
        }
    }

    private <K, V> void keep(Map<K, Kept<V>> among, K key, V answer, Duration time) {
        Instant now = clock.instant();
        synchronized (among) {
            among.put(key, new Kept<>(answer, now, now.plus(time)));
        }
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
