package io.keelson.apiserver.authn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.certs.RemoteCalls;
import io.keelson.apiserver.object.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks another server whose token something is, with a TokenReview. To be put behind a {@link TokenCache}, which also
 * keeps a flood of bad tokens from it.
 *
 * @param version of the review, v1 or v1beta1
 * @param serverAudiences whom tokens are for when nobody else is asked for
 */
public record TokenWebhook(RemoteCalls calls, String version, List<String> serverAudiences)
        implements TokenAuthenticator {
    private static final Logger log = LoggerFactory.getLogger(TokenWebhook.class);

    public TokenWebhook {
        serverAudiences = List.copyOf(serverAudiences);
    }

    @Override
    public Optional<Authenticated> authenticate(String token, List<String> audiences)
            throws AuthenticationException, InterruptedException {
        List<String> wanted = audiences.isEmpty() ? serverAudiences : audiences;
        ObjectNode review = Json.object();
        review.put("apiVersion", "authentication.k8s.io/" + version);
        review.put("kind", "TokenReview");
        ObjectNode spec = review.putObject("spec");
        spec.put("token", token);
        if (!wanted.isEmpty()) {
            spec.set("audiences", Json.array(wanted));
        }
        JsonNode status;
        try {
            status = calls.post(review).path("status");
        } catch (IOException e) {
            log.warn("token webhook failed: {}", e.getMessage());
            throw new AuthenticationException("token webhook failed: " + e.getMessage());
        }
        if (!status.path("authenticated").asBoolean()) {
            String error = status.path("error").asText();
            if (!error.isEmpty()) {
                throw new AuthenticationException(error);
            }
            return Optional.empty();
        }
        List<String> confirmed = new ArrayList<>();
        status.path("audiences").forEach(audience -> confirmed.add(audience.asText()));
        // A webhook that knows nothing of audiences speaks for this server alone
        List<String> meant = confirmed.isEmpty() ? serverAudiences : confirmed;
        List<String> common = wanted.stream().filter(meant::contains).toList();
        if (common.isEmpty() && !wanted.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Authenticated(IdentityReviews.user(status.path("user")), common));
    }
}
