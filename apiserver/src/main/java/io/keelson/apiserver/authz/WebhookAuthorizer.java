package io.keelson.apiserver.authz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.cel.CelBudget;
import io.keelson.apiserver.cel.CelExpression;
import io.keelson.apiserver.cel.CelExpressionException;
import io.keelson.apiserver.certs.RemoteCalls;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks another server, with a SubjectAccessReview. Answers are remembered for a while; what does not match the conditions
 * is not asked at all.
 */
public final class WebhookAuthorizer implements Authorizer {
    private static final Logger log = LoggerFactory.getLogger(WebhookAuthorizer.class);

    private static final int CACHE_ENTRIES_MAX = 8_192;
    /** Questions longer than this (of names and paths that users choose) are not remembered. */
    private static final int CACHED_CHARS_MAX = 10_000;

    private final Settings settings;
    private final RemoteCalls calls;
    private final ExpiringCache<String, Decision> cache;

    /**
     * How to ask.
     *
     * @param version of the review, v1 or v1beta1
     * @param authorizedLife how long to remember that something is allowed; zero for not at all
     * @param unauthorizedLife how long to remember that something is not allowed
     * @param denyOnFailure whether a failure is a denial, rather than no opinion
     * @param conditions all must hold for a question to be asked; their variable is {@code request}, the review's spec
     */
    public record Settings(
            String name,
            String version,
            Duration authorizedLife,
            Duration unauthorizedLife,
            boolean denyOnFailure,
            List<CelExpression> conditions) {
        public Settings {
            conditions = List.copyOf(conditions);
        }

        /** As kube-apiserver's flags have it when they are not given. */
        public static Settings ordinary(String name) {
            return new Settings(name, "v1beta1", Duration.ofMinutes(5), Duration.ofSeconds(30), false, List.of());
        }
    }

    public WebhookAuthorizer(Settings settings, RemoteCalls calls, InstantSource clock) {
        this.settings = settings;
        this.calls = calls;
        this.cache = new ExpiringCache<>(CACHE_ENTRIES_MAX, clock);
    }

    @Override
    public Decision authorize(Attributes attributes) {
        ObjectNode spec = AccessReview.specOf(attributes);
        try {
            if (!matches(attributes)) {
                return Decision.NO_OPINION;
            }
        } catch (CelExpressionException e) {
            log.warn("match condition of authorizer {} failed: {}", settings.name(), e.getMessage());
            return settings.denyOnFailure() ? failed(String.valueOf(e.getMessage())) : Decision.NO_OPINION;
        }
        String key = Json.text(spec);
        Decision known = cache.get(key);
        if (known != null) {
            return known;
        }
        Decision decision;
        try {
            decision = ask(spec);
        } catch (IOException e) {
            log.warn("authorizer {} failed: {}", settings.name(), e.getMessage());
            return failed(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            // No opinion would leave it to others, and a denial would be none of the server that was asked.
            Thread.currentThread().interrupt();
            throw ApiException.interrupted();
        }
        if (key.length() <= CACHED_CHARS_MAX) {
            cache.put(key, decision, decision.allowed() ? settings.authorizedLife() : settings.unauthorizedLife());
        }
        return decision;
    }

    /** One condition that does not hold settles it; otherwise one that fails makes all fail. */
    private boolean matches(Attributes attributes) throws CelExpressionException {
        if (settings.conditions().isEmpty()) {
            return true;
        }
        Map<String, Object> variables = AccessConditions.variables(attributes);
        CelExpressionException failure = null;
        for (CelExpression condition : settings.conditions()) {
            try {
                if (!condition.test(variables, CelBudget.ofExpression())) {
                    return false;
                }
            } catch (CelExpressionException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
        return true;
    }

    private Decision ask(ObjectNode spec) throws IOException, InterruptedException {
        ObjectNode review = Json.object();
        review.put("apiVersion", "authorization.k8s.io/" + settings.version());
        review.put("kind", "SubjectAccessReview");
        ObjectNode sent = spec.deepCopy();
        if (settings.version().equals("v1beta1") && sent.has("groups")) {
            sent.set("group", sent.remove("groups"));
        }
        review.set("spec", sent);
        JsonNode status = calls.post(review).path("status");
        String reason = status.path("reason").asText();
        String error = status.path("evaluationError").asText();
        boolean allowed = status.path("allowed").asBoolean();
        boolean denied = status.path("denied").asBoolean();
        if (allowed && denied) {
            throw new IOException("webhook subject access review returned both allow and deny response");
        }
        Decision.Verdict verdict =
                allowed ? Decision.Verdict.ALLOW : denied ? Decision.Verdict.DENY : Decision.Verdict.NO_OPINION;
        return new Decision(verdict, reason, error);
    }

    private Decision failed(String error) {
        return new Decision(settings.denyOnFailure() ? Decision.Verdict.DENY : Decision.Verdict.NO_OPINION, "", error);
    }
}
