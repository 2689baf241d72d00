package io.keelson.apiserver.kinds.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Policies of admission written in CEL, validating or mutating. */
public final class AdmissionPolicyStrategy extends SpecAndStatus {
    private final boolean mutating;

    public AdmissionPolicyStrategy(boolean mutating) {
        this.mutating = mutating;
    }

    @Override
    public boolean updatesUnconditionally() {
        return false;
    }

    @Override
    public void prepareForCreate(WriteContext context, ObjectNode policy) {
        if (!mutating) {
            super.prepareForCreate(context, policy);
        }
    }

    @Override
    public void applyDefaults(ObjectNode policy) {
        ObjectNode spec = Fill.object(policy, "spec");
        Fill.text(spec, "failurePolicy", "Fail");
        if (spec.path("matchConstraints") instanceof ObjectNode match) {
            WebhookRules.matchDefaults(match);
        }
    }

    @Override
    public void validate(ObjectNode policy, FieldErrors errors) {
        Place spec = Place.of(policy, errors).at("spec");
        spec.at("failurePolicy").oneOf("Fail", "Ignore");
        Place kind = spec.at("paramKind");
        if (kind.present()) {
            kind.at("apiVersion").mustBeFilled();
            kind.at("kind").mustBeFilled();
        }
        Place match = spec.at("matchConstraints");
        if (match.absent()) {
            match.required("");
        } else {
            WebhookRules.match(match);
            if (match.at("resourceRules").size() == 0) {
                match.at("resourceRules").required("");
            }
        }
        WebhookRules.conditions(spec.at("matchConditions"));
        variables(spec.at("variables"));
        if (mutating) {
            mutations(spec);
        } else {
            validations(spec);
        }
    }

    private static void variables(Place variables) {
        Set<String> names = new HashSet<>();
        for (Place variable : variables.items()) {
            Place name = variable.at("name");
            if (name.empty()) {
                name.required("name is not specified");
            } else {
                name.check(Names::identifier);
                if (!names.add(name.text())) {
                    name.duplicate();
                }
            }
            if (variable.at("expression").text().isBlank()) {
                variable.at("expression").required("expression is not specified");
            }
        }
    }

    private static void validations(Place spec) {
        Place validations = spec.at("validations");
        Place annotations = spec.at("auditAnnotations");
        if (validations.size() == 0 && annotations.size() == 0) {
            validations.required("validations or auditAnnotations must contain at least one item");
            annotations.required("validations or auditAnnotations must contain at least one item");
        }
        for (Place validation : validations.items()) {
            if (validation.at("expression").text().isBlank()) {
                validation.at("expression").required("expression is not specified");
            }
            Place message = validation.at("message");
            if (message.filled() && message.text().isBlank()) {
                message.invalid("message must be non-empty if specified");
            }
            if (message.text().indexOf('\n') >= 0) {
                message.invalid("message must not contain line breaks");
            }
            validation.at("reason").oneOfIfPresent("Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized");
        }
        Set<String> keys = new HashSet<>();
        for (Place annotation : annotations.items()) {
            annotation.at("key").requireAndCheck(Names::qualifiedName);
            if (!keys.add(annotation.at("key").text())) {
                annotation.at("key").duplicate();
            }
            if (annotation.at("valueExpression").text().isBlank()) {
                annotation.at("valueExpression").required("valueExpression is not specified");
            }
        }
    }

    private static void mutations(Place spec) {
        Place mutations = spec.at("mutations");
        if (mutations.size() == 0) {
            mutations.required("mutations must contain at least one item");
        }
        spec.at("reinvocationPolicy").oneOf("IfNeeded", "Never");
        for (Place mutation : mutations.items()) {
            Place type = mutation.at("patchType");
            type.oneOf("ApplyConfiguration", "JSONPatch");
            Map<String, String> fields = Map.of("ApplyConfiguration", "applyConfiguration", "JSONPatch", "jsonPatch");
            String field = fields.get(type.text());
            if (field != null && mutation.at(field, "expression").text().isBlank()) {
                mutation.at(field, "expression").required("expression is not specified");
            }
        }
    }
}
