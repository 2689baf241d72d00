package io.keelson.apiserver.admission.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.rules.RequestMatcher;
import io.keelson.apiserver.admission.rules.Target;
import io.keelson.apiserver.admission.rules.VersionedObjects;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.UserInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes what a webhook is asked, an {@code AdmissionReview}, and reads what it answers. */
final class AdmissionReviews {
    private static final String KIND = "AdmissionReview";
    private static final String GROUP = "admission.k8s.io/";

    private AdmissionReviews() {}

    /** An answer that makes no sense; the message says what is wrong with it. */
    static final class InvalidException extends Exception {
        private static final long serialVersionUID = 1L;

        InvalidException(String message) {
            super(message, null, false, false);
        }

        String message() {
            return String.valueOf(getMessage());
        }
    }

    /**
     * The question.
     *
     * @param version of the review, {@code v1} or {@code v1beta1}; they look the same
     * @param target in which the webhook is to see the request
     */
    static ObjectNode question(AdmissionRequest request, Target target, String version, String uid) {
        ObjectNode review = Json.object().put("kind", KIND).put("apiVersion", GROUP + version);
        ObjectNode asked = review.putObject("request").put("uid", uid);
        Target sent = Target.asSent(request);
        asked.set("kind", target.kindAsJson());
        asked.set("resource", target.resourceAsJson());
        putFilled(asked, "subResource", request.subresource());
        asked.set("requestKind", sent.kindAsJson());
        asked.set("requestResource", sent.resourceAsJson());
        putFilled(asked, "requestSubResource", request.subresource());
        putFilled(asked, "name", request.name());
        putFilled(asked, "namespace", RequestMatcher.namespace(request));
        asked.put("operation", request.operation().name());
        asked.set("userInfo", user(request.user()));
        // Written as null where there is none.
        asked.set("object", VersionedObjects.object(request, target));
        asked.set("oldObject", VersionedObjects.old(request, target));
        asked.put("dryRun", request.dryRun());
        asked.set("options", request.options().isEmpty() ? null : request.options());
        return review;
    }

    private static void putFilled(ObjectNode object, String field, String text) {
        if (!text.isEmpty()) {
            object.put(field, text);
        }
    }

    private static ObjectNode user(UserInfo user) {
        ObjectNode shown = Json.object();
        putFilled(shown, "username", user.name());
        putFilled(shown, "uid", user.uid());
        if (!user.groups().isEmpty()) {
            shown.set("groups", Json.array(user.groups()));
        }
        if (!user.extra().isEmpty()) {
            ObjectNode extra = shown.putObject("extra");
            user.extra().forEach((key, values) -> extra.set(key, Json.array(values)));
        }
        return shown;
    }

    /**
     * The answer.
     *
     * @param version of the review that was sent; of one in v1 the answer is looked at more closely
     * @param mutating whether the webhook may send a patch
     */
    static Verdict answer(ObjectNode review, String version, String uid, boolean mutating) throws InvalidException {
        JsonNode response = review.path("response");
        if (response.isMissingNode() || response.isNull()) {
            throw new InvalidException("webhook response was absent");
        }
        if (!response.isObject()) {
            throw mistyped(response, "AdmissionReview.response of type v1.AdmissionResponse");
        }
        byte[] patch = patch(response.path("patch"));
        String patchType = text(response, "patchType");
        if (version.equals("v1")) {
            check(review, response, uid);
            checkPatch(patch.length > 0, response.hasNonNull("patchType"), mutating);
        } else {
            patchType = "JSONPatch";
        }
        JsonNode allowed = response.path("allowed");
        if (!allowed.isMissingNode() && !allowed.isNull() && !allowed.isBoolean()) {
            throw mistyped(allowed, "AdmissionResponse.response.allowed of type bool");
        }
        JsonNode result = response.path("status");
        if (!result.isMissingNode() && !result.isNull() && !result.isObject()) {
            throw mistyped(result, "AdmissionResponse.response.status of type v1.Status");
        }
        return new Verdict(
                allowed.asBoolean(false),
                result.isObject() ? result : null,
                mutating ? patch : new byte[0],
                patchType,
                warnings(response.path("warnings")),
                annotations(response.path("auditAnnotations")));
    }

    private static void check(ObjectNode review, JsonNode response, String uid) throws InvalidException {
        String answered = text(response, "uid");
        if (!answered.equals(uid)) {
            throw new InvalidException(
                    "expected response.uid=" + GoText.quoted(uid) + ", got " + GoText.quoted(answered));
        }
        String apiVersion = ObjectMeta.apiVersion(review);
        String kind = ObjectMeta.kind(review);
        if (!apiVersion.equals(GROUP + "v1") || !kind.equals(KIND)) {
            String got = apiVersion.indexOf('/') < 0 ? "/" + apiVersion : apiVersion;
            throw new InvalidException(
                    "expected webhook response of " + GROUP + "v1, Kind=" + KIND + ", got " + got + ", Kind=" + kind);
        }
    }

    private static void checkPatch(boolean patch, boolean type, boolean mutating) throws InvalidException {
        if (!mutating && patch) {
            throw new InvalidException("validating webhook may not return response.patch");
        }
        if (!mutating && type) {
            throw new InvalidException("validating webhook may not return response.patchType");
        }
        if (patch && !type) {
            throw new InvalidException("webhook returned response.patch but not response.patchType");
        }
        if (!patch && type) {
            throw new InvalidException("webhook returned response.patchType but not response.patch");
        }
    }

    private static byte[] patch(JsonNode patch) throws InvalidException {
        if (patch.isMissingNode() || patch.isNull()) {
            return new byte[0];
        }
        if (!patch.isTextual()) {
            throw mistyped(patch, "AdmissionResponse.response.patch of type []uint8");
        }
        try {
            return patch.binaryValue();
        } catch (IOException e) {
            throw new InvalidException("illegal base64 data in response.patch");
        }
    }

    private static String text(JsonNode response, String field) throws InvalidException {
        JsonNode text = response.path(field);
        if (text.isMissingNode() || text.isNull()) {
            return "";
        }
        if (!text.isTextual()) {
            throw mistyped(text, "AdmissionResponse.response." + field + " of type string");
        }
        return text.textValue();
    }

    private static List<String> warnings(JsonNode warnings) throws InvalidException {
        List<String> texts = new ArrayList<>();
        if (!warnings.isMissingNode() && !warnings.isNull() && !warnings.isArray()) {
            throw mistyped(warnings, "AdmissionResponse.response.warnings of type []string");
        }
        for (JsonNode warning : warnings) {
            if (!warning.isTextual()) {
                throw mistyped(warning, "AdmissionResponse.response.warnings of type string");
            }
            texts.add(warning.textValue());
        }
        return texts;
    }

    private static Map<String, String> annotations(JsonNode annotations) throws InvalidException {
        Map<String, String> texts = new LinkedHashMap<>();
        if (!annotations.isMissingNode() && !annotations.isNull() && !annotations.isObject()) {
            throw mistyped(annotations, "AdmissionResponse.response.auditAnnotations of type map[string]string");
        }
        for (var annotation : annotations.properties()) {
            if (!annotation.getValue().isTextual()) {
                throw mistyped(annotation.getValue(), "AdmissionResponse.response.auditAnnotations of type string");
            }
            texts.put(annotation.getKey(), annotation.getValue().textValue());
        }
        return texts;
    }

    private static InvalidException mistyped(JsonNode found, String wanted) {
        return new InvalidException("json: cannot unmarshal " + Json.goKind(found) + " into Go struct field " + wanted);
    }
}
