package io.keelson.apiserver.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.Conversion;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.validation.FieldError;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.MetadataValidation;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.webhook.ClientConfig;
import io.keelson.apiserver.webhook.WebhookClient;
import io.keelson.apiserver.webhook.WebhookException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Has objects converted by the webhook that a definition names: posts a {@code ConversionReview} with the object, and takes
 * the converted one out of the answer once it has been made sure that it is still the same object. Of its metadata, only
 * labels and annotations may have been changed.
 */
final class WebhookConversion implements Conversion {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final String REVIEW = "ConversionReview";
    private static final String GROUP = "apiextensions.k8s.io/";

    private final String group;
    private final String kind;
    private final ClientConfig config;
    private final String reviewVersion;
    private final WebhookClient client;

    WebhookConversion(Definition definition, WebhookClient client) {
        this.group = definition.group();
        this.kind = definition.names().kind();
        JsonNode webhook = definition.conversion().path("webhook");
        this.config = ClientConfig.of(webhook.path("clientConfig"));
        String supported = "";
        for (JsonNode version : webhook.path("conversionReviewVersions")) {
            if (supported.isEmpty() && List.of("v1", "v1beta1").contains(version.asText(""))) {
                supported = version.asText("");
            }
        }
        this.reviewVersion = supported;
        this.client = client;
    }

    @Override
    public ObjectNode convert(ObjectNode object, String from, String to) {
        GroupVersionKind what = new GroupVersionKind(group, from, kind);
        String desired = group + "/" + to;
        ObjectMeta.setApiVersion(object, group + "/" + from);
        ObjectMeta.setKind(object, kind);
        if (reviewVersion.isEmpty()) {
            throw failure("no supported conversion review versions");
        }
        String uid = UUID.randomUUID().toString();
        ObjectNode review = Json.object().put("kind", REVIEW).put("apiVersion", GROUP + reviewVersion);
        ObjectNode request = review.putObject("request").put("uid", uid).put("desiredAPIVersion", desired);
        request.putArray("objects").add(object);
        JsonNode converted;
        try {
            converted = convertedObjects(client.post(config, review, TIMEOUT), uid);
        } catch (WebhookException e) {
            throw failure("conversion webhook for " + what + " failed: " + e.message());
        } catch (BadAnswerException e) {
            throw failure("conversion webhook for " + what + " failed: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ApiException.interrupted();
        }
        if (converted.size() != 1) {
            throw failure("conversion webhook for " + what + " returned " + converted.size() + " objects, expected 1");
        }
        return checked(what, object, converted.get(0), desired);
    }

    /** A review that came back, but does not say what it should. */
    private static final class BadAnswerException extends Exception {
        private static final long serialVersionUID = 1L;

        private BadAnswerException(String message) {
            super(message, null, false, false);
        }
    }

    /** As answers that have no reason of their own. */
    private static ApiException failure(String message) {
        return ApiException.of(Reason.UNKNOWN, message);
    }

    private JsonNode convertedObjects(ObjectNode answer, String uid) throws BadAnswerException {
        JsonNode response = answer.get("response");
        if (reviewVersion.equals("v1")) {
            String apiVersion = ObjectMeta.apiVersion(answer);
            if (!apiVersion.equals(GROUP + "v1") || !ObjectMeta.kind(answer).equals(REVIEW)) {
                throw new BadAnswerException("expected webhook response of " + GROUP + "v1, Kind=" + REVIEW + ", got "
                        + apiVersion + ", Kind=" + ObjectMeta.kind(answer));
            }
        }
        if (response == null || !response.isObject()) {
            throw new BadAnswerException("no response provided");
        }
        String answered = response.path("uid").asText("");
        if (reviewVersion.equals("v1") && !answered.equals(uid)) {
            throw new BadAnswerException(
                    "expected response.uid=" + GoText.quoted(uid) + ", got " + GoText.quoted(answered));
        }
        JsonNode result = response.path("result");
        String status = result.path("status").asText("");
        if (!status.equals("Success")) {
            String message = result.path("message").asText("");
            throw new BadAnswerException(
                    message.isEmpty() ? "response.result.status was '" + status + "', not 'Success'" : message);
        }
        return response.path("convertedObjects");
    }

    private ObjectNode checked(GroupVersionKind what, ObjectNode original, JsonNode answered, String desired) {
        String webhook = "conversion webhook for " + what + " returned invalid ";
        if (!(answered instanceof ObjectNode converted)) {
            throw failure(webhook + "object at index 0: it is no object");
        }
        if (!ObjectMeta.apiVersion(converted).equals(desired)) {
            throw failure(webhook + "object at index 0: invalid groupVersion (expected " + desired + ", received "
                    + ObjectMeta.apiVersion(converted) + ")");
        }
        if (!ObjectMeta.kind(converted).equals(kind)) {
            throw failure(webhook + "object at index 0: invalid kind (expected " + kind + ", received "
                    + ObjectMeta.kind(converted) + ")");
        }
        same(webhook, "name", ObjectMeta.name(original), ObjectMeta.name(converted));
        same(webhook, "namespace", ObjectMeta.namespace(original), ObjectMeta.namespace(converted));
        same(webhook, "UID", ObjectMeta.uid(original), ObjectMeta.uid(converted));
        JsonNode metadata = converted.get("metadata");
        if (metadata == null) {
            throw failure(webhook + "metadata: missing metadata in converted object");
        }
        if (!metadata.isObject()) {
            throw failure(
                    webhook + "metadata: invalid metadata of type " + GoTypes.of(metadata) + " in converted object");
        }
        ObjectNode restored = ObjectMeta.metadata(original).deepCopy();
        for (String field : List.of("labels", "annotations")) {
            JsonNode texts = metadata.get(field);
            if (texts == null || texts.isNull()) {
                restored.remove(field);
                continue;
            }
            String wrong = wrong(field, texts);
            if (!wrong.isEmpty()) {
                throw failure(webhook + "metadata: " + wrong);
            }
            restored.set(field, texts);
        }
        converted.set("metadata", restored);
        return converted;
    }

    private static void same(String webhook, String what, String expected, String actual) {
        if (!expected.equals(actual)) {
            throw failure(webhook + "object: must have the same " + what + ": " + expected + " != " + actual);
        }
    }

    /** What is wrong with labels or annotations; empty if nothing is. */
    private static String wrong(String field, JsonNode texts) {
        if (!texts.isObject()) {
            return "invalid metadata." + field + " of type " + GoTypes.of(texts) + " in converted object";
        }
        for (var text : texts.properties()) {
            if (!text.getValue().isTextual()) {
                return "metadata." + field + "[" + text.getKey() + "] must be a string, but is "
                        + GoTypes.of(text.getValue()) + " in converted object";
            }
        }
        ObjectNode object = Json.object();
        object.putObject("metadata").put("name", "name").set(field, texts);
        FieldErrors errors = new FieldErrors();
        MetadataValidation.validate(object, false, Names::dnsSubdomain, errors);
        return errors.list().stream().map(FieldError::toString).collect(Collectors.joining(", "));
    }
}
