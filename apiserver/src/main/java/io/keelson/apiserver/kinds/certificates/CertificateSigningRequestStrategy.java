package io.keelson.apiserver.kinds.certificates;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.resource.NameRule;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Requests for certificates. Who asks is written down by the server; who approves does so through a path of its own, and who
 * signs through another.
 */
public final class CertificateSigningRequestStrategy extends SpecAndStatus {
    private static final List<String> USAGES = List.of(
            "any",
            "cert sign",
            "client auth",
            "code signing",
            "content commitment",
            "crl sign",
            "data encipherment",
            "decipher only",
            "digital signature",
            "email protection",
            "encipher only",
            "ipsec end system",
            "ipsec tunnel",
            "ipsec user",
            "key agreement",
            "key encipherment",
            "microsoft sgc",
            "netscape sgc",
            "ocsp signing",
            "s/mime",
            "server auth",
            "signing",
            "timestamping");
    private static final int SECONDS_MIN = 600;
    private static final int SIGNER_CHARS_MAX = 571;

    private final boolean approval;

    /** For everything but approval. */
    public CertificateSigningRequestStrategy() {
        this(false);
    }

    private CertificateSigningRequestStrategy(boolean approval) {
        this.approval = approval;
    }

    /** For writes to {@code approval}: of the status, only conditions may change. */
    public static CertificateSigningRequestStrategy ofApproval() {
        return new CertificateSigningRequestStrategy(true);
    }

    @Override
    public NameRule nameRule() {
        return NameRule.PATH_SEGMENT;
    }

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void applyDefaults(ObjectNode request) {
        ObjectNode spec = Fill.object(request, "spec");
        if (spec.path("usages").isEmpty()) {
            Fill.list(spec, "usages").add("digital signature").add("key encipherment");
        }
        for (ObjectNode condition : Fill.objects(request.path("status").path("conditions"))) {
            Fill.text(condition, "status", "True");
        }
    }

    @Override
    public void prepareForCreate(WriteContext context, ObjectNode request) {
        super.prepareForCreate(context, request);
        ObjectNode spec = Fill.object(request, "spec");
        spec.remove(List.of("username", "uid", "groups", "extra"));
        spec.put("username", context.user().name());
        if (!context.user().uid().isEmpty()) {
            spec.put("uid", context.user().uid());
        }
        context.user().groups().forEach(group -> Fill.list(spec, "groups").add(group));
        context.user()
                .extra()
                .forEach((key, values) -> values.forEach(
                        value -> Fill.list(Fill.object(spec, "extra"), key).add(value)));
    }

    @Override
    public void prepareForUpdate(WriteContext context, ObjectNode request, ObjectNode old) {
        super.prepareForUpdate(context, request, old);
        keepSpecification(request, old);
    }

    @Override
    public void prepareForStatusUpdate(WriteContext context, ObjectNode request, ObjectNode old) {
        super.prepareForStatusUpdate(context, request, old);
        ObjectNode status = Fill.object(request, "status");
        if (approval && old.path("status") instanceof ObjectNode before) {
            Fill.copy(before, status, "certificate");
        }
        String now = context.now().truncatedTo(ChronoUnit.SECONDS).toString();
        for (ObjectNode condition : Fill.objects(status.path("conditions"))) {
            Fill.text(condition, "lastUpdateTime", now);
            Fill.text(condition, "lastTransitionTime", now);
        }
    }

    @Override
    public void validate(ObjectNode request, FieldErrors errors) {
        Place spec = Place.of(request, errors).at("spec");
        String wrong = SigningRequests.wrong(spec.at("request").text());
        if (wrong != null) {
            spec.at("request").invalid(wrong);
        }
        Place usages = spec.at("usages");
        if (usages.size() == 0) {
            usages.required("");
        }
        Set<String> seen = new HashSet<>();
        for (Place usage : usages.items()) {
            if (!USAGES.contains(usage.text())) {
                usage.errors().notSupported(usage.path(), usage.text(), USAGES);
            }
            if (!seen.add(usage.text())) {
                usage.duplicate();
            }
        }
        signer(spec.at("signerName"));
        Place seconds = spec.at("expirationSeconds");
        if (seconds.present() && seconds.number() < SECONDS_MIN) {
            seconds.invalid("may not specify a duration less than 600 seconds (10 minutes)");
        }
    }

    static void signer(Place signer) {
        String name = signer.text();
        int slash = name.indexOf('/');
        if (name.isEmpty()) {
            signer.required("");
        } else if (name.equals("kubernetes.io/legacy-unknown")) {
            signer.invalid("the legacy signerName is not allowed via this API version");
        } else if (slash < 0 || slash != name.lastIndexOf('/')) {
            signer.invalid("must be a fully qualified domain and path of the form 'example.com/signer-name'");
        } else {
            String domain = name.substring(0, slash);
            Names.dnsSubdomain(domain).forEach(text -> signer.invalid(domain, "validating domain segment: " + text));
            if (Names.dnsSubdomain(domain).isEmpty() && domain.indexOf('.') < 0) {
                signer.invalid(domain, "should be a domain with at least two segments separated by dots");
            }
            String path = name.substring(slash + 1);
            Names.dnsSubdomain(path)
                    .forEach(text -> signer.invalid(path, "validating label \"" + path + "\": " + text));
            if (name.length() > SIGNER_CHARS_MAX) {
                signer.tooLong(SIGNER_CHARS_MAX);
            }
        }
    }

    @Override
    public void validateStatusUpdate(ObjectNode request, ObjectNode old, FieldErrors errors) {
        Place status = Place.of(request, errors).at("status");
        Place conditions = status.at("conditions");
        conditions(conditions);
        for (String type : List.of("Approved", "Denied", "Failed")) {
            if (count(conditions.value(), type) < count(old.path("status").path("conditions"), type)) {
                conditions.forbidden("updates may not remove a condition of type \"" + type + "\"");
            }
        }
        if (!approval) {
            for (String type : List.of("Approved", "Denied")) {
                if (count(conditions.value(), type) > count(old.path("status").path("conditions"), type)) {
                    conditions.forbidden("updates may not add a condition of type \"" + type + "\"");
                }
            }
        }
        certificate(
                status.at("certificate"), old.path("status").path("certificate").asText(""));
    }

    private static long count(JsonNode conditions, String type) {
        return conditions
                .valueStream()
                .filter(condition -> condition.path("type").asText().equals(type))
                .count();
    }

    private static void conditions(Place conditions) {
        Set<String> types = new HashSet<>();
        for (Place condition : conditions.items()) {
            Place type = condition.at("type");
            type.mustBeFilled();
            if (List.of("Approved", "Denied", "Failed").contains(type.text())) {
                condition.at("status").oneOf("True");
            } else {
                condition.at("status").oneOf("False", "True", "Unknown");
            }
            if (!types.add(type.text())) {
                type.duplicate();
            }
            if (types.containsAll(List.of("Approved", "Denied"))
                    && List.of("Approved", "Denied").contains(type.text())) {
                conditions.invalid(type.text(), "Approved and Denied conditions are mutually exclusive");
            }
        }
    }

    private void certificate(Place certificate, String before) {
        if (certificate.is(before)) {
            return;
        }
        if (approval) {
            certificate.forbidden("updates may not set certificate content");
        } else if (!before.isEmpty()) {
            certificate.forbidden("updates may not modify existing certificate content");
        } else {
            String wrong = SigningRequests.wrongCertificates(certificate.text());
            if (wrong != null) {
                certificate.invalid("<certificate data>", wrong);
            }
        }
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode request) {
        return Map.of("spec.signerName", request.path("spec").path("signerName").asText(""));
    }
}
