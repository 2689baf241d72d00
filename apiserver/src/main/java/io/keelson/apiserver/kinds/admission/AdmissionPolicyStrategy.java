package io.keelson.apiserver.kinds.admission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Policies of admission written in CEL, validating or mutating. */
public final class AdmissionPolicyStrategy extends SpecAndStatus {
    private static final int ANNOTATIONS_MAX = 20;
    private static final int ANNOTATION_BYTES_MAX = 5 * 1_024;

    /** Words that mean something in CEL. */
    private static final Set<String> RESERVED = Set.of(
            "as",
            "break",
            "const",
            "continue",
            "else",
            "false",
            "for",
            "function",
            "if",
            "import",
            "in",
            "let",
            "loop",
            "namespace",
            "null",
            "package",
            "return",
            "true",
            "var",
            "void",
            "while");

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
        validate(policy, true, errors);
    }

    /**
     * Match conditions that are as they were, with parameters of the same kind, are not looked at again: they may be of a
     * time with other rules.
     */
    @Override
    public void validateChanged(ObjectNode policy, ObjectNode old, FieldErrors errors) {
        JsonNode spec = policy.path("spec");
        JsonNode before = old.path("spec");
        boolean same = SemanticEquality.equal(spec.path("paramKind"), before.path("paramKind"))
                && WebhookRules.sameConditionsOf(spec, before);
        validate(policy, !same, errors);
    }

    private void validate(ObjectNode policy, boolean newConditions, FieldErrors errors) {
        Place spec = Place.of(policy, errors).at("spec");
        spec.at("failurePolicy").oneOf("Fail", "Ignore");
        Place kind = spec.at("paramKind");
        if (kind.present()) {
            paramKind(kind);
        }
        PolicyExpressions expressions =
                new PolicyExpressions(kind.present(), spec.at("variables").size() > 0);
        Place match = spec.at("matchConstraints");
        if (match.absent()) {
            match.required("");
        } else {
            PolicyMatching.resources(match, mutating);
            if (match.at("resourceRules").size() == 0) {
                match.at("resourceRules").required("");
            }
        }
        if (newConditions) {
            WebhookRules.conditions(spec.at("matchConditions"), expressions);
        }
        variables(spec.at("variables"), expressions);
        if (mutating) {
            mutations(spec, expressions);
        } else {
            validations(spec, ObjectMeta.name(policy), expressions);
        }
    }

    private static void paramKind(Place param) {
        Place apiVersion = param.at("apiVersion");
        String text = apiVersion.text();
        int slash = text.indexOf('/');
        if (text.isEmpty()) {
            apiVersion.required("");
        } else if (slash != text.lastIndexOf('/')) {
            apiVersion.invalid("unexpected GroupVersion string: " + text);
        } else {
            String group = slash < 0 ? "" : text.substring(0, slash);
            String version = text.substring(slash + 1);
            if (!group.isEmpty()) {
                invalid(apiVersion, group, "", Names.dnsSubdomain(group));
            }
            if (version.isEmpty()) {
                apiVersion.invalid("version must be specified");
            } else {
                invalid(apiVersion, version, "", Names.dnsLabel1035(version));
            }
        }
        Place kind = param.at("kind");
        if (kind.empty()) {
            kind.required("");
        } else {
            invalid(
                    kind,
                    kind.text(),
                    "may have mixed case, but should otherwise match: ",
                    Names.dnsLabel1035(kind.text().toLowerCase(Locale.ROOT)));
        }
    }

    private static void invalid(Place place, String shown, String before, List<String> wrong) {
        if (!wrong.isEmpty()) {
            place.invalid(shown, before + String.join(",", wrong));
        }
    }

    private static void variables(Place variables, PolicyExpressions expressions) {
        Set<String> names = new HashSet<>();
        for (Place variable : variables.items()) {
            Place name = variable.at("name");
            if (name.text().isBlank()) {
                name.required("name is not specified");
            } else {
                if (!isIdentifier(name.text())) {
                    name.invalid("name is not a valid CEL identifier");
                }
                if (!names.add(name.text())) {
                    name.duplicate();
                }
            }
            if (variable.at("expression").text().isBlank()) {
                variable.at("expression").required("expression is not specified");
            } else {
                expressions.variable(name.text(), variable.at("expression"));
            }
        }
    }

    private static boolean isIdentifier(String name) {
        return Names.identifier(name).isEmpty() && !RESERVED.contains(name);
    }

    private static void validations(Place spec, String policy, PolicyExpressions expressions) {
        Place validations = spec.at("validations");
        Place annotations = spec.at("auditAnnotations");
        if (validations.size() == 0 && annotations.size() == 0) {
            validations.required("validations or auditAnnotations must contain at least one item");
            annotations.required("validations or auditAnnotations must contain at least one item");
        }
        for (Place validation : validations.items()) {
            if (validation.at("expression").text().isBlank()) {
                validation.at("expression").required("expression is not specified");
            } else {
                expressions.validation(validation.at("expression"));
            }
            Place composed = validation.at("messageExpression");
            if (composed.filled() && composed.text().isBlank()) {
                composed.invalid("must be non-empty if specified");
            } else {
                expressions.message(composed);
            }
            Place message = validation.at("message");
            if (message.filled() && message.text().isBlank()) {
                message.invalid("message must be non-empty if specified");
            } else if (message.text().strip().indexOf('\n') >= 0
                    || message.text().strip().indexOf('\r') >= 0) {
                message.invalid("message must not contain line breaks");
            }
            validation.at("reason").oneOfIfPresent("Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized");
        }
        annotations(annotations, policy, expressions);
    }

    private static void annotations(Place annotations, String policy, PolicyExpressions expressions) {
        if (annotations.size() > ANNOTATIONS_MAX) {
            annotations.invalid("must not have more than " + ANNOTATIONS_MAX + " auditAnnotations");
        }
        Set<String> keys = new HashSet<>();
        for (Place annotation : annotations.items()) {
            String key = policy + "/" + annotation.at("key").text();
            for (String wrong : Names.qualifiedName(key)) {
                annotation.at("key").invalid(key, wrong);
            }
            if (!keys.add(annotation.at("key").text())) {
                annotation.at("key").duplicate();
            }
            Place value = annotation.at("valueExpression");
            if (value.text().isBlank()) {
                value.required("valueExpression is not specified");
            } else if (value.text().strip().getBytes(StandardCharsets.UTF_8).length > ANNOTATION_BYTES_MAX) {
                value.required("must not exceed " + ANNOTATION_BYTES_MAX + " bytes in length");
            } else {
                expressions.annotation(value);
            }
        }
    }

    private static void mutations(Place spec, PolicyExpressions expressions) {
        Place mutations = spec.at("mutations");
        if (mutations.size() == 0) {
            mutations.required("mutations must contain at least one item");
        }
        spec.at("reinvocationPolicy").oneOf("IfNeeded", "Never");
        for (Place mutation : mutations.items()) {
            Place type = mutation.at("patchType");
            type.oneOf("ApplyConfiguration", "JSONPatch");
            Place configuration = mutation.at("applyConfiguration");
            Place patch = mutation.at("jsonPatch");
            switch (type.text()) {
                case "ApplyConfiguration" -> {
                    mutation(type.text(), configuration, patch);
                    expressions.configuration(configuration.at("expression"));
                }
                case "JSONPatch" -> {
                    mutation(type.text(), patch, configuration);
                    expressions.patch(patch.at("expression"));
                }
                default -> {
                    // There is no telling what should be there.
                }
            }
        }
    }

    private static void mutation(String type, Place wanted, Place other) {
        if (wanted.absent()) {
            wanted.required("must be specified when patchType is " + type);
        } else if (wanted.at("expression").text().isBlank()) {
            wanted.at("expression").required("");
        }
        if (other.present()) {
            other.invalid("{" + other.key() + "}", "must not be specified when patchType is " + type);
        }
    }
}
