package io.keelson.apiserver.authz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.GroupKind;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.Place;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers the reviews of {@code authorization.k8s.io/v1}: what is posted comes back with its {@code status} filled in.
 * Nothing is stored. What is handed in is not changed.
 *
 * <p>All methods fail with an {@link ApiException}: Invalid or BadRequest.
 */
public record AccessReviews(Authorizer authorizer) {
    private static final String GROUP = "authorization.k8s.io";

    /** About anybody. */
    public ObjectNode subject(ObjectNode review) {
        FieldErrors errors = checkedSpec(review.path("spec"), true);
        requireNoMetadata(review, false, errors);
        return answer(review, errors, AccessReview.userOf(review.path("spec")));
    }

    /** About anybody, in one namespace: that of the request. */
    public ObjectNode localSubject(ObjectNode review, String namespace) {
        if (namespace.isEmpty()) {
            throw ApiException.badRequest("namespace is required on this type: " + namespace);
        }
        JsonNode spec = review.path("spec");
        JsonNode resource = spec.path("resourceAttributes");
        FieldErrors errors = checkedSpec(spec, true);
        requireNoMetadata(review, true, errors);
        FieldPath path = FieldPath.of("spec");
        if (resource.isObject() && !resource.path("namespace").asText().equals(namespace)) {
            errors.invalid(
                    path.child("resourceAttributes").child("namespace"),
                    resource.path("namespace").asText(),
                    "must match metadata.namespace");
        }
        if (spec.path("nonResourceAttributes").isObject()) {
            errors.invalid(
                    path.child("nonResourceAttributes"),
                    spec.path("nonResourceAttributes"),
                    "disallowed on this kind of request");
        }
        return answer(review, errors, AccessReview.userOf(spec));
    }

    /** About who asks. */
    public ObjectNode self(ObjectNode review, UserInfo user) {
        FieldErrors errors = checkedSpec(review.path("spec"), false);
        requireNoMetadata(review, false, errors);
        return answer(review, errors, user);
    }

    private static FieldErrors checkedSpec(JsonNode spec, boolean ofSubject) {
        FieldErrors errors = new FieldErrors();
        boolean resource = spec.path("resourceAttributes").isObject();
        boolean path = spec.path("nonResourceAttributes").isObject();
        FieldPath at = FieldPath.of("spec");
        if (resource && path) {
            errors.invalid(
                    at.child("nonResourceAttributes"),
                    spec.path("nonResourceAttributes"),
                    "cannot be specified in combination with resourceAttributes");
        } else if (!resource && !path) {
            errors.invalid(
                    at.child("resourceAttributes"),
                    null,
                    "exactly one of nonResourceAttributes or resourceAttributes must be specified");
        }
        if (ofSubject
                && spec.path("user").asText().isEmpty()
                && spec.path("groups").isEmpty()) {
            errors.invalid(
                    at.child("user"), spec.path("user").asText(), "at least one of user or group must be specified");
        }
        ReviewSelectors.validate(Place.of(spec, errors).as(at).at("resourceAttributes"));
        return errors;
    }

    /** Nobody keeps a review, so it can have no name and the like. Who manages its fields is found out by the server. */
    private static void requireNoMetadata(ObjectNode review, boolean namespace, FieldErrors errors) {
        Place metadata = Place.of(review, errors).at("metadata");
        for (String field : metadata.keys()) {
            boolean fine = field.equals("managedFields") || (namespace && field.equals("namespace"));
            if (!fine && metadata.at(field).filled()) {
                metadata.invalid(metadata.value(), namespace ? "must be empty except for namespace" : "must be empty");
                return;
            }
        }
    }

    private ObjectNode answer(ObjectNode review, FieldErrors errors, UserInfo user) {
        if (!errors.isEmpty()) {
            throw ApiException.invalid(new GroupKind(GROUP, ObjectMeta.kind(review)), "", errors.list());
        }
        AccessReview.Asked asked = AccessReview.asked(review.path("spec"), user);
        Decision decision = authorizer.authorize(asked.attributes());
        ObjectNode answer = review.deepCopy();
        ObjectNode status = answer.putObject("status");
        status.put("allowed", decision.allowed());
        if (decision.verdict() == Decision.Verdict.DENY) {
            status.put("denied", true);
        }
        if (!decision.reason().isEmpty()) {
            status.put("reason", decision.reason());
        }
        List<String> problems = new ArrayList<>();
        if (!decision.error().isEmpty()) {
            problems.add(decision.error());
        }
        problems.addAll(asked.problems());
        if (!problems.isEmpty()) {
            status.put("evaluationError", String.join("; ", problems));
        }
        return answer;
    }

    /** What who asks may do in a namespace. */
    public ObjectNode selfRules(ObjectNode review, UserInfo user) {
        String namespace = review.path("spec").path("namespace").asText();
        if (namespace.isEmpty()) {
            throw ApiException.badRequest("no namespace on request");
        }
        RuleList list = authorizer.rulesFor(user, namespace);
        ObjectNode answer = review.deepCopy();
        ObjectNode status = answer.putObject("status");
        ArrayNode resources = status.putArray("resourceRules");
        ArrayNode paths = status.putArray("nonResourceRules");
        for (PolicyRule rule : list.rules()) {
            if (!rule.resources().isEmpty()) {
                ObjectNode entry = rule.toTree();
                entry.remove("nonResourceURLs");
                resources.add(entry);
            }
            if (!rule.nonResourceUrls().isEmpty()) {
                ObjectNode entry = paths.addObject();
                entry.set("nonResourceURLs", Json.array(rule.nonResourceUrls()));
                entry.set("verbs", Json.array(rule.verbs()));
            }
        }
        status.put("incomplete", list.incomplete());
        if (!list.error().isEmpty()) {
            status.put("evaluationError", list.error());
        }
        return answer;
    }
}
