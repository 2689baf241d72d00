package io.keelson.apiserver.kinds.certificates;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Requests of nodes for certificates of their pods. Nothing of a request changes but its status, and that only until it says
 * that the request is issued, denied or failed.
 */
public final class PodCertificateRequestStrategy extends SpecAndStatus {
    private static final Set<String> ENDS = Set.of("Issued", "Denied", "Failed");
    private static final int UID_BYTES_MAX = 128;
    private static final int SECONDS_MIN = 3600;
    private static final int SECONDS_MAX = 91 * 86_400;
    private static final int SECONDS_MAX_OF_KUBERNETES = 86_400;
    private static final int ANNOTATIONS_BYTES_MAX = 256 * 1024;

    private final InstantSource clock;

    /** @param clock against which it is checked that what is issued begins about now */
    public PodCertificateRequestStrategy(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public boolean updatesUnconditionally() {
        return false;
    }

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void prepareForStatusUpdate(WriteContext context, ObjectNode request, ObjectNode old) {
        super.prepareForStatusUpdate(context, request, old);
        keepMetadata(request, old);
    }

    @Override
    public void validate(ObjectNode request, FieldErrors errors) {
        Place spec = Place.of(request, errors).at("spec");
        CertificateSigningRequestStrategy.signer(spec.at("signerName"));
        annotations(spec.at("unverifiedUserAnnotations"));
        for (String whose : List.of("pod", "serviceAccount", "node")) {
            spec.at(whose + "Name").check(Names::dnsSubdomain);
            Place uid = spec.at(whose + "UID");
            if (uid.empty()) {
                uid.invalid("must not be empty");
            } else if (uid.text().length() > UID_BYTES_MAX) {
                uid.tooLong(UID_BYTES_MAX);
            }
        }
        Place seconds = spec.at("maxExpirationSeconds");
        int longest = isKubernetes(spec.at("signerName").text()) ? SECONDS_MAX_OF_KUBERNETES : SECONDS_MAX;
        if (!seconds.isNumber()) {
            seconds.required("must be set");
        } else if (seconds.number() < SECONDS_MIN || seconds.number() > longest) {
            seconds.invalid("must be in the range [" + SECONDS_MIN + ", " + longest + "]");
        }
        RequestedKey.validate(spec);
    }

    private static void annotations(Place annotations) {
        LabelValidation.annotations(annotations);
        int bytes = 0;
        for (Map.Entry<String, String> each : annotations.texts().entrySet()) {
            bytes += each.getKey().length() + each.getValue().length();
            if (each.getKey().indexOf('/') < 0) {
                annotations.invalid(each.getKey(), "a key must have the domain of its signer in front");
            }
        }
        if (bytes > ANNOTATIONS_BYTES_MAX) {
            annotations.tooLong(ANNOTATIONS_BYTES_MAX);
        }
    }

    private static boolean isKubernetes(String signer) {
        String domain = signer.substring(0, Math.max(0, signer.indexOf('/')));
        return domain.equals("kubernetes.io") || domain.endsWith(".kubernetes.io");
    }

    /** What was asked for was checked once; here only that it is still the same. */
    @Override
    public void validateChanged(ObjectNode request, ObjectNode old, FieldErrors errors) {
        Place spec = Place.of(request, errors).at("spec");
        if (!SemanticEquality.equal(spec.value(), old.path("spec"))) {
            spec.invalid("field is immutable");
        }
    }

    @Override
    public void validateStatusUpdate(ObjectNode request, ObjectNode old, FieldErrors errors) {
        Place status = Place.of(request, errors).at("status");
        int before = errors.count();
        conditions(status.at("conditions"));
        if (errors.count() > before) {
            return;
        }
        if (!end(old.path("status")).isEmpty()) {
            if (!SemanticEquality.equal(status.value(), old.path("status"))) {
                status.invalid("immutable after PodCertificateRequest is issued, denied, or failed");
            }
            return;
        }
        List<String> others = List.of("certificateChain", "notBefore", "notAfter", "beginRefreshAt");
        switch (end(status.value())) {
            case "Issued" -> IssuedChain.validate(status, request.path("spec"), clock.instant());
            case "Denied", "Failed" -> {
                if (others.stream().anyMatch(field -> status.at(field).filled())) {
                    status.invalid("non-condition status fields must be empty when denying or failing the"
                            + " PodCertificateRequest");
                }
            }
            default -> {
                if (!SemanticEquality.equal(status.value(), old.path("status"))) {
                    status.invalid("may not change without a condition of type \"Issued\", \"Denied\", or \"Failed\"");
                }
            }
        }
    }

    private static void conditions(Place conditions) {
        int known = 0;
        for (Place condition : conditions.items()) {
            Place type = condition.at("type");
            if (!ENDS.contains(type.text())) {
                type.notSupported("Issued", "Denied", "Failed");
                continue;
            }
            known++;
            if (known > 1) {
                type.invalid("There may be at most one condition with type \"Issued\", \"Denied\", or \"Failed\"");
            }
            if (!condition.at("status").is("True")) {
                condition.at("status").notSupported("True");
            }
        }
        LabelValidation.conditions(conditions);
    }

    /** As what a request has ended; empty if it has not. */
    private static String end(JsonNode status) {
        for (JsonNode condition : status.path("conditions")) {
            String type = condition.path("type").asText("");
            if (ENDS.contains(type)) {
                return type;
            }
        }
        return "";
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode request) {
        JsonNode spec = request.path("spec");
        return Map.of(
                "spec.signerName", spec.path("signerName").asText(""),
                "spec.podName", spec.path("podName").asText(""),
                "spec.nodeName", spec.path("nodeName").asText(""));
    }
}
