package io.keelson.apiserver.authn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.UserInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Answers the reviews of {@code authentication.k8s.io/v1}: what is posted comes back with its {@code status} filled in.
 * Nothing is stored; what is handed in is not changed.
 *
 * @param tokens knows all tokens that requests may come with
 * @param serverAudiences whom a token is for where a review does not say
 */
public record IdentityReviews(TokenAuthenticator tokens, List<String> serverAudiences) {
    private static final String UNKNOWN = "invalid bearer token";

    public IdentityReviews {
        serverAudiences = List.copyOf(serverAudiences);
    }

    /** Whose token it is: a TokenReview. What there is to say about the token is said to whoever asks. */
    public ObjectNode token(ApiRequest request, ObjectNode review) throws InterruptedException {
        String token = review.path("spec").path("token").asText();
        if (token.isEmpty()) {
            throw ApiException.badRequest("token is required for TokenReview in authentication");
        }
        List<String> audiences = new ArrayList<>();
        review.path("spec").path("audiences").forEach(audience -> audiences.add(audience.asText()));
        ObjectNode answer = review.deepCopy();
        ObjectNode status = answer.putObject("status");
        try {
            Optional<Authenticated> found = token.length() > BearerAuthenticator.TOKEN_CHARS_MAX
                    ? Optional.empty()
                    : tokens.authenticate(token, audiences.isEmpty() ? serverAudiences : audiences);
            if (found.isEmpty()) {
                throw new AuthenticationException(UNKNOWN);
            }
            found.get().remarks().sayTo(request);
            status.put("authenticated", true);
            status.set("user", tree(Groups.authenticated(found.get().user())));
            if (!found.get().audiences().isEmpty()) {
                status.set("audiences", Json.array(found.get().audiences()));
            }
        } catch (AuthenticationException e) {
            e.remarks().sayTo(request);
            status.set("user", Json.object());
            // A token of nobody is what each is that does not hold, and then there is what is wrong with it.
            status.put("error", Failures.text(List.of(UNKNOWN, e.message())));
        }
        return answer;
    }

    /** Who asks: a SelfSubjectReview. */
    public static ObjectNode self(ObjectNode review, UserInfo user) {
        ObjectNode answer = review.deepCopy();
        answer.putObject("status").set("userInfo", tree(user));
        return answer;
    }

    /** A user as {@code UserInfo} of the API. */
    public static ObjectNode tree(UserInfo user) {
        ObjectNode tree = Json.object();
        if (!user.name().isEmpty()) {
            tree.put("username", user.name());
        }
        if (!user.uid().isEmpty()) {
            tree.put("uid", user.uid());
        }
        if (!user.groups().isEmpty()) {
            tree.set("groups", Json.array(user.groups()));
        }
        if (!user.extra().isEmpty()) {
            ObjectNode extra = tree.putObject("extra");
            user.extra().entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(entry -> extra.set(entry.getKey(), Json.array(entry.getValue())));
        }
        return tree;
    }

    /** The other way round. */
    static UserInfo user(JsonNode tree) {
        List<String> groups = new ArrayList<>();
        tree.path("groups").forEach(group -> groups.add(group.asText()));
        Map<String, List<String>> extra = new LinkedHashMap<>();
        tree.path("extra").properties().forEach(field -> {
            List<String> values = new ArrayList<>();
            field.getValue().forEach(value -> values.add(value.asText()));
            extra.put(field.getKey(), values);
        });
        return new UserInfo(tree.path("username").asText(), tree.path("uid").asText(), groups, extra);
    }
}
