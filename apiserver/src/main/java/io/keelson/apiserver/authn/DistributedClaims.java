package io.keelson.apiserver.authn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.authz.ExpiringCache;
import io.keelson.apiserver.certs.RemoteCalls;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/**
 * Fetches a claim that a token says is to be had elsewhere (OpenID Connect Core 1.0, section 5.6.2): {@code _claim_names}
 * names a source for it, {@code _claim_sources} where that is and what to show there. What comes back is a token, too, which
 * has to hold by the rules for the first one; the keys are those of whoever it says issued it. It is remembered for {@link
 * #LIFE}, or until it ends.
 */
final class DistributedClaims {
    static final Duration LIFE = Duration.ofMinutes(1);

    private static final String NAMES = "_claim_names";
    private static final String SOURCES = "_claim_sources";
    private static final int ANSWERS_MAX = 1_024;
    private static final int ISSUERS_MAX = 16;

    private final String claim;
    private final RemoteCalls calls;
    private final Verifier verifier;
    private final KeySetMetrics metrics;
    private final InstantSource clock;
    private final ExpiringCache<Source, JsonNode> answers;

    /** The keys of issuers, by their URLs. Guarded by itself. */
    private final Map<String, IssuerKeys> issuers = new HashMap<>();

    /** Says whether a token holds by the rules of the configured issuer. */
    @FunctionalInterface
    interface Verifier {
        /** @throws AuthenticationException if it does not */
        void verify(SignedToken token, IssuerKeys keys) throws AuthenticationException, InterruptedException;
    }

    /** @param token shown there as bearer token; empty for none */
    private record Source(String endpoint, String token) {
        /** Whoever prints it does not print the token. */
        @Override
        public String toString() {
            return endpoint;
        }
    }

    /**
     * @param claim the one that may be elsewhere
     * @param calls to the issuer, its sources and other issuers, who all have certificates of the same authorities
     * @param own the URL of the issuer whose tokens point elsewhere
     * @param ownKeys its keys
     */
    DistributedClaims(
            String claim,
            RemoteCalls calls,
            String own,
            IssuerKeys ownKeys,
            Verifier verifier,
            KeySetMetrics metrics,
            InstantSource clock) {
        this.claim = claim;
        this.calls = calls;
        this.verifier = verifier;
        this.metrics = metrics;
        this.clock = clock;
        this.answers = new ExpiringCache<>(ANSWERS_MAX, clock);
        issuers.put(own, ownKeys);
    }

    /**
     * The claims of a token with the one from elsewhere among them.
     *
     * @param claims of a token that holds; stay as they are
     * @throws AuthenticationException if it is said to be elsewhere and is not, or does not hold
     */
    ObjectNode expand(ObjectNode claims) throws AuthenticationException, InterruptedException {
        if (claims.has(claim) || !claims.has(NAMES)) {
            return claims;
        }
        if (!claims.path(NAMES).isObject()) {
            throw failure("oidc: error parsing distributed claim names: not an object");
        }
        if (!claims.path(SOURCES).isObject()) {
            throw failure(
                    claims.has(SOURCES)
                            ? "oidc: could not parse claim sources: not an object"
                            : "oidc: no claim sources");
        }
        JsonNode name = claims.path(NAMES).path(claim);
        if (name.isMissingNode()) {
            return claims;
        }
        JsonNode source = claims.path(SOURCES).path(name.asText());
        if (!source.isObject()) {
            throw failure("id token _claim_names contained a source " + name.asText() + " missing in _claims_sources");
        }
        String endpoint = source.path("endpoint").asText("");
        if (endpoint.isEmpty()) {
            return claims;
        }
        ObjectNode expanded = claims.deepCopy();
        expanded.set(
                claim, answer(new Source(endpoint, source.path("access_token").asText(""))));
        return expanded;
    }

    private JsonNode answer(Source source) throws AuthenticationException, InterruptedException {
        JsonNode known = answers.get(source);
        if (known != null) {
            return known;
        }
        SignedToken token = fetch(source);
        IssuerKeys keys = keysOf(token.text("iss"));
        try {
            verifier.verify(token, keys);
        } catch (AuthenticationException e) {
            throw failure("verify distributed claim token: " + e.message());
        }
        JsonNode value = token.claims().get(claim);
        if (value == null) {
            throw failure("jwt returned by distributed claim endpoint \"" + source.endpoint()
                    + "\" did not contain claim: " + claim);
        }
        answers.put(source, value, life(token));
        return value;
    }

    private Duration life(SignedToken token) throws AuthenticationException {
        Instant end = token.time("exp");
        Duration left = end == null ? Duration.ZERO : Duration.between(clock.instant(), end);
        return left.compareTo(LIFE) < 0 ? left : LIFE;
    }

    private SignedToken fetch(Source source) throws AuthenticationException, InterruptedException {
        if (!source.endpoint().startsWith("https://")) {
            throw failure("while getting distributed claim \"" + claim + "\": endpoint must use https");
        }
        String text;
        try {
            text = calls.getText(source.endpoint(), source.token());
        } catch (IOException e) {
            throw failure("while getting distributed claim \"" + claim + "\": " + e.getMessage());
        }
        SignedToken token = SignedToken.parse(text);
        if (token == null) {
            throw failure("getting untrusted issuer from endpoint " + source.endpoint() + " failed for claim \"" + claim
                    + "\": it answered with no token");
        }
        return token;
    }

    private IssuerKeys keysOf(String issuer) throws AuthenticationException {
        synchronized (issuers) {
            IssuerKeys known = issuers.get(issuer);
            if (known != null) {
                return known;
            }
            if (!issuer.startsWith("https://") || issuers.size() == ISSUERS_MAX) {
                throw failure("verifying untrusted issuer " + issuer + " failed: "
                        + (issuer.startsWith("https://") ? "there are too many" : "it must use https"));
            }
            IssuerKeys keys = new IssuerKeys(issuer, "", calls, metrics, clock);
            issuers.put(issuer, keys);
            return keys;
        }
    }

    private static AuthenticationException failure(String why) {
        return new AuthenticationException("oidc: could not expand distributed claims: " + why);
    }
}
