package io.keelson.apiserver.admission.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.authz.ExpiringCache;
import io.keelson.apiserver.certs.RemoteCalls;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.validation.Names;
import java.io.IOException;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a backend whether the images of a pod may be used, with an {@code ImageReview} of {@code
 * imagepolicy.k8s.io/v1alpha1}: when a pod is created or changed about its containers, and when its ephemeral containers are
 * changed about those. Answers are remembered for a while.
 *
 * <p>While there is no answer, nothing is admitted, or everything, as the policy says; a pod that is admitted so has the
 * annotation {@code alpha.image-policy.k8s.io/failed-open}, and its event in the audit log one, too.
 */
public final class ImagePolicyWebhook implements AdmissionPlugin {
    private static final Logger log = LoggerFactory.getLogger(ImagePolicyWebhook.class);

    private static final String VERSION = "imagepolicy.k8s.io/v1alpha1";
    private static final String KIND = "ImageReview";
    private static final String EPHEMERAL = "ephemeralcontainers";

    /** What annotations of a pod have in their names that the backend is shown. */
    private static final String SHOWN = ".image-policy.k8s.io/";

    private static final String AUDIT = "imagepolicywebhook.image-policy.k8s.io/";
    private static final String FAILED_OPEN = "alpha.image-policy.k8s.io/failed-open";

    private static final int CACHE_ENTRIES_MAX = 1024;
    /** Questions with their answers that are longer than this together are not remembered. */
    private static final int CACHED_CHARS_MAX = 16_384;

    private final ImagePolicy policy;
    private final RemoteCalls calls;
    private final ExpiringCache<String, Answer> cache;

    private record Answer(boolean allowed, String reason, Map<String, String> auditAnnotations) {
        int chars() {
            int chars = reason.length();
            for (Map.Entry<String, String> annotation : auditAnnotations.entrySet()) {
                chars += annotation.getKey().length() + annotation.getValue().length();
            }
            return chars;
        }
    }

    /** @param calls to the backend of the policy; closed by whoever opened it */
    public ImagePolicyWebhook(ImagePolicy policy, RemoteCalls calls, InstantSource clock) {
        this.policy = policy;
        this.calls = calls;
        this.cache = new ExpiringCache<>(CACHE_ENTRIES_MAX, clock);
    }

    @Override
    public String name() {
        return "ImagePolicyWebhook";
    }

    @Override
    public void validate(AdmissionRequest request) throws InterruptedException {
        ObjectNode pod = concerned(request);
        if (pod == null) {
            return;
        }
        Answer answer;
        try {
            answer = answer(spec(request, pod));
        } catch (IOException e) {
            log.warn("the backend for images failed: {}", e.getMessage());
            if (!policy.defaultAllow()) {
                throw request.forbidden(String.valueOf(e.getMessage()));
            }
            request.auditAnnotations().put(AUDIT + "failed-open", "true");
            // Nobody else can say it: whether there is an answer shows only here, and the pod is written after this.
            ObjectMeta.setAnnotation(pod, FAILED_OPEN, "true");
            return;
        }
        answer.auditAnnotations().forEach((key, value) -> note(request, AUDIT + key, value));
        if (!answer.allowed()) {
            throw request.forbidden(
                    answer.reason().isEmpty()
                            ? "one or more images rejected by webhook backend"
                            : "image policy webhook backend denied one or more images: " + answer.reason());
        }
    }

    /** The pod whose images are to be reviewed; null if the write is something else. */
    private static @Nullable ObjectNode concerned(AdmissionRequest request) {
        boolean written = request.operation() == Operation.CREATE || request.operation() == Operation.UPDATE;
        boolean pods = request.resource().name().group().isEmpty()
                && request.resource().name().resource().equals("pods");
        boolean part = request.subresource().isEmpty() || request.subresource().equals(EPHEMERAL);
        return written && pods && part ? request.object() : null;
    }

    private static ObjectNode spec(AdmissionRequest request, ObjectNode pod) {
        ObjectNode spec = Json.object();
        List<String> lists = request.subresource().equals(EPHEMERAL)
                ? List.of("ephemeralContainers")
                : List.of("containers", "initContainers");
        ArrayNode containers = Json.array();
        for (String list : lists) {
            for (JsonNode container : pod.path("spec").path(list)) {
                ObjectNode shown = containers.addObject();
                String image = container.path("image").asText("");
                if (!image.isEmpty()) {
                    shown.put("image", image);
                }
            }
        }
        if (!containers.isEmpty()) {
            spec.set("containers", containers);
        }
        // In order, so that pods that are alike ask the same.
        Map<String, String> annotations = new TreeMap<>();
        ObjectMeta.annotations(pod).forEach((key, value) -> {
            if (key.contains(SHOWN)) {
                annotations.put(key, value);
            }
        });
        if (!annotations.isEmpty()) {
            ObjectNode shown = spec.putObject("annotations");
            annotations.forEach(shown::put);
        }
        if (!request.namespace().isEmpty()) {
            spec.put("namespace", request.namespace());
        }
        return spec;
    }

    private Answer answer(ObjectNode spec) throws IOException, InterruptedException {
        String key = Json.text(spec);
        Answer known = cache.get(key);
        if (known != null) {
            return known;
        }
        ObjectNode review = Json.object();
        review.put("apiVersion", VERSION);
        review.put("kind", KIND);
        review.putObject("metadata");
        review.set("spec", spec);
        review.putObject("status").put("allowed", false);
        Answer answer = read(calls.post(review));
        if (key.length() + answer.chars() <= CACHED_CHARS_MAX) {
            cache.put(key, answer, answer.allowed() ? policy.allowLife() : policy.denyLife());
        }
        return answer;
    }

    /** @throws IOException if it is no ImageReview with a status */
    private static Answer read(ObjectNode review) throws IOException {
        boolean kind = !review.has("kind") || ObjectMeta.kind(review).equals(KIND);
        boolean version =
                !review.has("apiVersion") || ObjectMeta.apiVersion(review).equals(VERSION);
        if (!kind || !version) {
            throw new IOException("the backend for images did not answer with an " + KIND + " of " + VERSION);
        }
        JsonNode status = review.path("status");
        JsonNode allowed = status.path("allowed");
        if (!allowed.isMissingNode() && !allowed.isBoolean()) {
            throw wrong("allowed", "a bool", allowed);
        }
        Map<String, String> annotations = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> annotation :
                status.path("auditAnnotations").properties()) {
            if (!annotation.getValue().isTextual()) {
                throw wrong("auditAnnotations." + annotation.getKey(), "a string", annotation.getValue());
            }
            annotations.put(annotation.getKey(), annotation.getValue().textValue());
        }
        return new Answer(allowed.asBoolean(false), status.path("reason").asText(""), Map.copyOf(annotations));
    }

    private static IOException wrong(String field, String expected, JsonNode got) {
        return new IOException("the backend for images answered with status." + field + ": expected " + expected
                + ", got " + Json.goKind(got));
    }

    private static void note(AdmissionRequest request, String key, String value) {
        List<String> problems = Names.qualifiedName(key);
        if (problems.isEmpty()) {
            request.auditAnnotations().put(key, value);
        } else {
            log.warn("the backend for images notes {}, which cannot be a key: {}", key, problems);
        }
    }
}
