package io.keelson.apiserver.kinds.extensions;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.resource.NameRule;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Servers of other groups, behind this one. */
public final class ApiServiceStrategy extends SpecAndStatus {
    private static final List<String> STATES = List.of("True", "False", "Unknown");

    /** What else the name has to be is said by its group and version: that of the core group ends with a dot. */
    @Override
    public NameRule nameRule() {
        return NameRule.PATH_SEGMENT;
    }

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public boolean updatesUnconditionally() {
        return false;
    }

    @Override
    public void applyDefaults(ObjectNode service) {
        if (service.path("spec").path("service") instanceof ObjectNode reference) {
            Fill.number(reference, "port", 443);
        }
    }

    @Override
    public void prepareForCreate(WriteContext context, ObjectNode service) {
        super.prepareForCreate(context, service);
        if (!service.path("spec").path("service").isObject()) {
            Fill.object(service, "status")
                    .putArray("conditions")
                    .addObject()
                    .put("type", "Available")
                    .put("status", "True")
                    .put(
                            "lastTransitionTime",
                            context.now().truncatedTo(ChronoUnit.SECONDS).toString())
                    .put("reason", "Local")
                    .put("message", "Local APIServices are always available");
        }
    }

    @Override
    public void prepareForStatusUpdate(WriteContext context, ObjectNode service, ObjectNode old) {
        super.prepareForStatusUpdate(context, service, old);
        keepMetadata(service, old);
    }

    @Override
    public void validate(ObjectNode service, FieldErrors errors) {
        Place whole = Place.of(service, errors);
        Place spec = whole.at("spec");
        String version = spec.at("version").text();
        String group = spec.at("group").text();
        String required = version + "." + group;
        Place name = whole.at("metadata", "name");
        if (!name.is(required)) {
            name.invalid("must be `spec.version+\".\"+spec.group`: \"" + required + "\"");
        }
        if (group.isEmpty()) {
            if (!version.equals("v1")) {
                spec.at("group").required("only v1 may have an empty group and it better be legacy kube");
            }
        } else {
            spec.at("group").check(Names::dnsSubdomain);
        }
        spec.at("version").check(Names::dnsLabel1035);
        if (spec.at("groupPriorityMinimum").number() <= 0
                || spec.at("groupPriorityMinimum").number() > 20_000) {
            spec.at("groupPriorityMinimum").invalid("must be positive and less than 20000");
        }
        if (spec.at("versionPriority").number() <= 0
                || spec.at("versionPriority").number() > 1_000) {
            spec.at("versionPriority").invalid("must be positive and less than 1000");
        }
        Place reference = spec.at("service");
        if (reference.absent()) {
            if (spec.at("caBundle").filled()) {
                spec.at("caBundle")
                        .invalid(
                                bytes(spec.at("caBundle").text()) + " bytes",
                                "local APIServices may not have a caBundle");
            }
            if (spec.at("insecureSkipTLSVerify").flag()) {
                spec.at("insecureSkipTLSVerify").invalid("local APIServices may not have insecureSkipTLSVerify");
            }
            return;
        }
        reference.at("namespace").mustBeFilled();
        reference.at("name").mustBeFilled();
        Place port = reference.at("port");
        for (String wrong : Names.portNumber(port.number())) {
            port.invalid(port.number(), "port is not valid: " + wrong);
        }
        if (spec.at("insecureSkipTLSVerify").flag() && spec.at("caBundle").filled()) {
            spec.at("insecureSkipTLSVerify").invalid("may not be true if caBundle is present");
        }
    }

    /** How many bytes base64 stands for. */
    private static int bytes(String base64) {
        return base64.replace("=", "").length() * 3 / 4;
    }

    @Override
    public void validateStatusUpdate(ObjectNode service, ObjectNode old, FieldErrors errors) {
        for (Place condition :
                Place.of(service, errors).at("status", "conditions").items()) {
            Place status = condition.at("status");
            if (!STATES.contains(status.text())) {
                status.notSupported(STATES.toArray(String[]::new));
            }
        }
    }
}
