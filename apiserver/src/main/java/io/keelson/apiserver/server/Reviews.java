package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.authn.IdentityReviews;
import io.keelson.apiserver.authz.AccessReviews;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.rest.Review;
import java.util.Map;

/** Who answers which question about users and what they may do. */
final class Reviews {
    private static final String AUTHENTICATION = "authentication.k8s.io";
    private static final String AUTHORIZATION = "authorization.k8s.io";

    private Reviews() {}

    static Map<GroupResource, Review> of(IdentityReviews identities, AccessReviews accesses) {
        return Map.of(
                new GroupResource(AUTHENTICATION, "tokenreviews"),
                identities::token,
                new GroupResource(AUTHENTICATION, "selfsubjectreviews"),
                Reviews::self,
                new GroupResource(AUTHORIZATION, "subjectaccessreviews"),
                (_, review) -> accesses.subject(review),
                new GroupResource(AUTHORIZATION, "selfsubjectaccessreviews"),
                (request, review) -> accesses.self(review, request.user()),
                new GroupResource(AUTHORIZATION, "localsubjectaccessreviews"),
                (request, review) ->
                        accesses.localSubject(review, request.info().namespace()),
                new GroupResource(AUTHORIZATION, "selfsubjectrulesreviews"),
                (request, review) -> accesses.selfRules(review, request.user()));
    }

    private static ObjectNode self(ApiRequest request, ObjectNode review) {
        ObjectNode answer = IdentityReviews.self(review, request.user());
        answer.putObject("metadata");
        ObjectMeta.setCreationTimestamp(answer, request.received());
        return answer;
    }
}
