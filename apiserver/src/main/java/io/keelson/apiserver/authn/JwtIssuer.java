package io.keelson.apiserver.authn;

import io.keelson.apiserver.cel.CelBudget;
import io.keelson.apiserver.cel.CelExpression;
import io.keelson.apiserver.cel.CelExpressionException;
import io.keelson.apiserver.egress.EgressType;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An OpenID provider whose tokens are believed, and what they say about users.
 *
 * @param url of the issuer, as it stands in tokens
 * @param discoveryUrl where its keys are described; empty for the place the standard has for it
 * @param authorities what its server's certificate comes from; null for those the platform trusts
 * @param egress by way of which kind of other side it is connected to; null for directly
 * @param audiences of which a token must be for one
 * @param algorithms that its signatures may have
 * @param requiredClaims claim → the value it must have
 * @param claimRules expressions over {@code claims} that must be true
 * @param userRules expressions over {@code user} that must be true
 */
public record JwtIssuer(
        String url,
        String discoveryUrl,
        @Nullable List<X509Certificate> authorities,
        @Nullable EgressType egress,
        List<String> audiences,
        Set<String> algorithms,
        Map<String, String> requiredClaims,
        List<Rule> claimRules,
        ClaimMapping username,
        ClaimMapping groups,
        ClaimMapping uid,
        Map<String, ClaimMapping> extra,
        List<Rule> userRules) {
    /** Something that must be true, and what to say if it is not. */
    public record Rule(CelExpression expression, String message) {
        void check(String what, Map<String, Object> variables) throws AuthenticationException {
            boolean holds;
            try {
                holds = expression.test(variables, CelBudget.ofExpression());
            } catch (CelExpressionException e) {
                throw new AuthenticationException("oidc: error evaluating " + what + ": expression '" + expression
                        + "' resulted in error: " + e.getMessage());
            }
            if (!holds) {
                throw new AuthenticationException("oidc: error evaluating " + what + ": validation expression '"
                        + expression + "' failed: " + message);
            }
        }
    }

    public JwtIssuer {
        audiences = List.copyOf(audiences);
        algorithms = Set.copyOf(algorithms);
        requiredClaims = Map.copyOf(requiredClaims);
        claimRules = List.copyOf(claimRules);
        extra = Map.copyOf(extra);
        userRules = List.copyOf(userRules);
    }

    /**
     * For the flags {@code --oidc-*}.
     *
     * @param usernamePrefix {@code -} for none; empty for the issuer and {@code #}, except for e-mail addresses
     * @param algorithms empty for RS256
     * @throws IllegalArgumentException naming an algorithm that there is not
     */
    public static JwtIssuer ofFlags(
            String issuerUrl,
            @Nullable List<X509Certificate> authorities,
            String clientId,
            String usernameClaim,
            String usernamePrefix,
            String groupsClaim,
            String groupsPrefix,
            Map<String, String> requiredClaims,
            Set<String> algorithms) {
        for (String algorithm : algorithms) {
            if (!SignedToken.ALGORITHMS.contains(algorithm)) {
                throw new IllegalArgumentException("oidc: unsupported signing alg: \"" + algorithm + "\"");
            }
        }
        String claim = usernameClaim.isEmpty() ? "sub" : usernameClaim;
        String prefix = usernamePrefix.isEmpty() && !claim.equals("email") ? issuerUrl + "#" : usernamePrefix;
        return new JwtIssuer(
                issuerUrl,
                "",
                authorities,
                null,
                List.of(clientId),
                algorithms.isEmpty() ? Set.of("RS256") : algorithms,
                requiredClaims,
                List.of(),
                new ClaimMapping.ByClaim(claim, prefix.equals("-") ? "" : prefix),
                groupsClaim.isEmpty()
                        ? new ClaimMapping.Nothing()
                        : new ClaimMapping.ByClaim(groupsClaim, groupsPrefix),
                new ClaimMapping.Nothing(),
                Map.of(),
                List.of());
    }
}
