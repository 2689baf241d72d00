package io.keelson.apiserver.authn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.cel.CelValues;
import io.keelson.apiserver.certs.HttpClients;
import io.keelson.apiserver.certs.RemoteCalls;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.request.UserInfo;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Knows the tokens of one OpenID provider. They say nothing of this server: {@link #forAudiences} is to be put around. */
public final class JwtAuthenticator implements TokenAuthenticator, AutoCloseable {
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration NOT_BEFORE_LEEWAY = Duration.ofMinutes(5);

    private final JwtIssuer issuer;
    private final RemoteCalls calls;
    private final IssuerKeys keys;
    private final InstantSource clock;

    /** Null if no groups are read from a claim. */
    private final @Nullable DistributedClaims distributed;

    /**
     * Knows the tokens of one issuer.
     *
     * @param clients how the issuer is connected to, and whoever it sends this server to
     * @param metrics are told what comes of fetching its keys
     * @throws IOException if the issuer's authorities cannot be used; the issuer itself is asked later
     */
    public JwtAuthenticator(JwtIssuer issuer, HttpClients clients, KeySetMetrics metrics, InstantSource clock)
            throws IOException {
        this.issuer = issuer;
        this.clock = clock;
        this.calls = new RemoteCalls(
                RemoteServer.of(issuer.url(), issuer.authorities()), CALL_TIMEOUT, 1, Duration.ZERO, clients);
        this.keys = new IssuerKeys(issuer.url(), issuer.discoveryUrl(), calls, metrics, clock);
        this.distributed = issuer.groups() instanceof ClaimMapping.ByClaim(String claim, String _)
                ? new DistributedClaims(claim, calls, issuer.url(), keys, this::verify, metrics, clock)
                : null;
    }

    @Override
    public Optional<Authenticated> authenticate(String token, List<String> audiences)
            throws AuthenticationException, InterruptedException {
        SignedToken signed = SignedToken.parse(token);
        if (signed == null || !signed.text("iss").equals(issuer.url())) {
            return Optional.empty();
        }
        verify(signed, keys);
        ObjectNode claims = distributed == null ? signed.claims() : distributed.expand(signed.claims());
        Map<String, Object> variables = Map.of("claims", CelValues.of(claims));
        for (Map.Entry<String, String> required : issuer.requiredClaims().entrySet()) {
            JsonNode value = claims.path(required.getKey());
            if (!value.isTextual() || !value.textValue().equals(required.getValue())) {
                throw new AuthenticationException("oidc: required claim " + required.getKey() + " does not match");
            }
        }
        for (JwtIssuer.Rule rule : issuer.claimRules()) {
            rule.check("claim validation expression", variables);
        }
        UserInfo user = user(claims, variables);
        if (!issuer.userRules().isEmpty()) {
            Map<String, Object> about = Map.of("user", CelValues.of(forRules(user)));
            for (JwtIssuer.Rule rule : issuer.userRules()) {
                rule.check("user info validation rule", about);
            }
        }
        return Optional.of(Authenticated.of(user));
    }

    private void verify(SignedToken signed, IssuerKeys signers) throws AuthenticationException, InterruptedException {
        if (!issuer.algorithms().contains(signed.algorithm())) {
            throw new AuthenticationException("oidc: id token signed with unsupported algorithm");
        }
        if (signed.audiences().stream().noneMatch(issuer.audiences()::contains)) {
            throw new AuthenticationException(
                    "oidc: expected audience in " + issuer.audiences() + " got " + signed.audiences());
        }
        Instant now = clock.instant();
        Instant end = signed.time("exp");
        if (end == null || now.isAfter(end)) {
            throw new AuthenticationException("oidc: token is expired");
        }
        Instant start = signed.time("nbf");
        if (start != null && now.plus(NOT_BEFORE_LEEWAY).isBefore(start)) {
            throw new AuthenticationException("oidc: current time is before the nbf (not before) time");
        }
        if (!signers.signed(signed)) {
            throw new AuthenticationException("oidc: failed to verify signature: failed to verify id token signature");
        }
    }

    private UserInfo user(ObjectNode claims, Map<String, Object> variables) throws AuthenticationException {
        if (issuer.username() instanceof ClaimMapping.ByClaim(String claim, String _)
                && claim.equals("email")
                && claims.has("email_verified")
                && !claims.path("email_verified").asBoolean()) {
            throw new AuthenticationException("oidc: email not verified");
        }
        String name = issuer.username().value("username", claims, variables);
        if (name.isEmpty()) {
            throw new AuthenticationException("oidc: error evaluating username: empty");
        }
        String uid =
                issuer.uid() instanceof ClaimMapping.Nothing ? "" : issuer.uid().value("uid", claims, variables);
        Map<String, List<String>> extra = new LinkedHashMap<>();
        for (Map.Entry<String, ClaimMapping> mapping : issuer.extra().entrySet()) {
            List<String> values = mapping.getValue().values(claims, variables);
            if (!values.isEmpty()) {
                extra.put(mapping.getKey(), values);
            }
        }
        return new UserInfo(name, uid, issuer.groups().values(claims, variables), extra);
    }

    /** Every field is there, empty or not, so that rules can name it. */
    private static ObjectNode forRules(UserInfo user) {
        ObjectNode tree = IdentityReviews.tree(user);
        tree.put("uid", user.uid());
        if (!tree.has("groups")) {
            tree.putArray("groups");
        }
        if (!tree.has("extra")) {
            tree.putObject("extra");
        }
        return tree;
    }

    @Override
    public void close() {
        calls.close();
    }
}
