package io.keelson.agent.embedded.images.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.Json;
import io.keelson.agent.embedded.images.Reference;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What is said to a registry of who asks, for one image: nothing at first, then what its challenge wants. Any thread.
 */
final class RegistryAccess {
    private static final int TOKEN_ANSWER_MAX = 1 << 20;

    private final HttpClient http;
    private final RegistryLimits limits;
    private final Reference image;
    private final Credentials credentials;
    private final Route route;
    private volatile Optional<String> authorization;

    /** For one image. If the way there is by TLS, no secret goes without. */
    RegistryAccess(HttpClient http, RegistryLimits limits, Reference image, Route route) {
        this.http = http;
        this.limits = limits;
        this.image = image;
        this.credentials = route.credentials();
        this.route = route;
        this.authorization = credentials.registryToken().isEmpty()
                ? Optional.empty()
                : Optional.of("Bearer " + credentials.registryToken());
    }

    /** The header to send. */
    Optional<String> authorization() {
        return authorization;
    }

    /**
     * Does what an answer of 401 asks for.
     *
     * @throws ImageProblem {@code DENIED}: there is nothing that could be done
     */
    void answer(HttpResponse<?> unauthorized) throws IOException, InterruptedException {
        Challenge challenge = Challenge.best(unauthorized.headers().allValues("WWW-Authenticate"))
                .orElseThrow(() -> denied("the registry does not say how to log in"));
        if (challenge.scheme().equals("basic")) {
            if (!credentials.hasPassword()) {
                throw denied("no basic auth credentials");
            }
            authorization = Optional.of(credentials.basic());
        } else {
            authorization = Optional.of("Bearer " + token(challenge));
        }
    }

    /** What is said when the registry lets nobody in, or not this one. */
    ImageProblem denied(String why) {
        return new ImageProblem(
                ImageProblem.Kind.DENIED,
                "pull access denied for " + image.repository()
                        + ", repository does not exist or may require authorization: " + why);
    }

    private String token(Challenge challenge) throws IOException, InterruptedException {
        URI realm;
        try {
            realm = URI.create(challenge.parameter("realm"));
        } catch (IllegalArgumentException e) {
            throw denied("its token server has no usable address: " + challenge.parameter("realm"));
        }
        boolean plain = "http".equals(realm.getScheme());
        if (realm.getHost() == null || (!plain && !"https".equals(realm.getScheme())) || (plain && route.isSecure())) {
            throw denied("its token server is not at an address that secrets are sent to: " + realm);
        }
        String scope = challenge.parameter("scope").isEmpty()
                ? "repository:" + route.repository() + ":pull"
                : challenge.parameter("scope");
        HttpRequest request = credentials.identityToken().isEmpty()
                ? byName(realm, challenge.parameter("service"), scope)
                : byIdentity(realm, challenge.parameter("service"), scope);
        HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
        try (InputStream body = new WatchedBody(response.body(), limits)) {
            byte[] content = body.readNBytes(TOKEN_ANSWER_MAX);
            if (response.statusCode() != 200) {
                throw denied("the token server " + realm.getHost() + " answered " + response.statusCode());
            }
            ObjectNode answer = Json.object(content, "the answer of the token server " + realm.getHost());
            String token =
                    answer.path("token").asText(answer.path("access_token").asText(""));
            if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 127)) {
                throw denied("the token server " + realm.getHost() + " gave no token");
            }
            return token;
        }
    }

    private HttpRequest byName(URI realm, String service, String scope) {
        StringBuilder address = new StringBuilder(realm.toString());
        address.append(realm.getRawQuery() == null ? '?' : '&').append("scope=").append(encoded(scope));
        if (!service.isEmpty()) {
            address.append("&service=").append(encoded(service));
        }
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(address.toString())).timeout(limits.answer());
        if (credentials.hasPassword()) {
            request.header("Authorization", credentials.basic());
        }
        return request.build();
    }

    private HttpRequest byIdentity(URI realm, String service, String scope) {
        String form = "grant_type=refresh_token&client_id=keelson&scope=" + encoded(scope) + "&service="
                + encoded(service) + "&refresh_token=" + encoded(credentials.identityToken());
        return HttpRequest.newBuilder(realm)
                .timeout(limits.answer())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form))
                .build();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
