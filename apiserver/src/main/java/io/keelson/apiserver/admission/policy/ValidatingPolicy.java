package io.keelson.apiserver.admission.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.conditions.Compiled;
import io.keelson.apiserver.admission.conditions.Compiled.Failure;
import io.keelson.apiserver.admission.conditions.ConfigurationException;
import io.keelson.apiserver.admission.conditions.MatchConditions;
import io.keelson.apiserver.cel.CelBudget;
import io.keelson.apiserver.cel.CelValues;
import io.keelson.apiserver.cel.admission.AdmissionExpressions;
import io.keelson.apiserver.errors.Reason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A policy that judges what is to be written. Immutable. */
record ValidatingPolicy(Basis basis, List<Validation> validations, List<Annotation> annotations) {
    private static final Logger log = LoggerFactory.getLogger(ValidatingPolicy.class);

    private static final int MESSAGE_BYTES_MAX = 5 * 1_024;

    ValidatingPolicy {
        validations = List.copyOf(validations);
        annotations = List.copyOf(annotations);
    }

    /**
     * What must hold.
     *
     * @param text of the expression
     * @param message what a client is told if it does not; empty for none
     * @param composed makes a better message; null for none
     */
    record Validation(
            String text,
            Compiled expression,
            String message,
            @Nullable Compiled composed,
            Reason reason) {}

    /** A note for the audit log. */
    record Annotation(String key, String text, Compiled value) {}

    /** @throws io.keelson.apiserver.object.MalformedException if a selector is none */
    static ValidatingPolicy of(ObjectNode policy) {
        AdmissionExpressions expressions = Basis.expressions(policy);
        Basis basis = Basis.of(policy, expressions);
        JsonNode spec = policy.path("spec");
        List<Validation> validations = new ArrayList<>();
        for (JsonNode validation : spec.path("validations")) {
            String text = validation.path("expression").asText("");
            String composed = validation.path("messageExpression").asText("");
            validations.add(new Validation(
                    text,
                    Compiled.of(text, expressions::validation),
                    validation.path("message").asText("").strip(),
                    composed.isBlank() ? null : Compiled.of(composed, expressions::message),
                    reason(validation.path("reason").asText(""))));
        }
        List<Annotation> annotations = new ArrayList<>();
        for (JsonNode annotation : spec.path("auditAnnotations")) {
            String text = annotation.path("valueExpression").asText("");
            annotations.add(new Annotation(
                    annotation.path("key").asText(""), text, Compiled.of(text.strip(), expressions::annotation)));
        }
        return new ValidatingPolicy(basis, validations, annotations);
    }

    private static Reason reason(String text) {
        return switch (text) {
            case "Forbidden" -> Reason.FORBIDDEN;
            case "Unauthorized" -> Reason.UNAUTHORIZED;
            case "RequestEntityTooLarge" -> Reason.REQUEST_ENTITY_TOO_LARGE;
            default -> Reason.INVALID;
        };
    }

    /** Judges a request. */
    Findings judge(Map<String, Object> scene) {
        CelBudget budget = CelBudget.ofObject();
        Variables values = new Variables(scene, basis.variables(), budget);
        try {
            if (!MatchConditions.hold(basis.conditions(), scene, basis.mayFail())) {
                return Findings.NONE;
            }
        } catch (ConfigurationException e) {
            return new Findings(List.of(failed(e.message(), Failure.EVALUATION, 0)), Map.of(), List.of());
        }
        List<Decision> decisions = new ArrayList<>();
        for (Validation validation : validations) {
            long start = System.nanoTime();
            try {
                decisions.add(decide(validation, values, budget, start));
            } catch (Compiled.FailedException e) {
                Decision failed = failed(e.message(), e.failure(), System.nanoTime() - start);
                if (e.outOfBudget()) {
                    return new Findings(List.of(failed), Map.of(), List.of());
                }
                decisions.add(failed);
            }
        }
        return annotated(decisions, scene);
    }

    private Decision failed(String why, Failure failure, long nanos) {
        return basis.mayFail()
                ? new Decision.Admit(failure, nanos)
                : new Decision.Deny(why, Reason.INVALID, failure, nanos);
    }

    private Decision decide(Validation validation, Variables values, CelBudget budget, long startNanos)
            throws Compiled.FailedException {
        if (validation.expression().evaluate(values, budget).equals(true)) {
            return Decision.ADMIT;
        }
        String message = "";
        Compiled composed = validation.composed();
        if (composed != null) {
            try {
                message = composed.evaluate(values, budget) instanceof String text ? fit(text) : "";
            } catch (Compiled.FailedException e) {
                if (e.outOfBudget()) {
                    return failed(
                            "failed messageExpression: " + e.message(), e.failure(), System.nanoTime() - startNanos);
                }
                log.debug("policy {}: error while evaluating messageExpression: {}", basis.name(), e.message());
            }
        }
        if (message.isEmpty()) {
            message = validation.message().isEmpty()
                    ? "failed expression: " + validation.text().strip()
                    : validation.message();
        }
        return new Decision.Deny(message, validation.reason(), null, System.nanoTime() - startNanos);
    }

    /** A message as clients may be told; empty if it is none. */
    private static String fit(String composed) {
        String message = composed.strip();
        boolean fits =
                message.indexOf('\n') < 0 && message.getBytes(StandardCharsets.UTF_8).length <= MESSAGE_BYTES_MAX;
        return fits ? message : "";
    }

    private Findings annotated(List<Decision> decisions, Map<String, Object> scene) {
        CelBudget budget = CelBudget.ofObject();
        Variables values = new Variables(scene, basis.variables(), budget);
        Map<String, String> made = new LinkedHashMap<>();
        List<Decision.Deny> failures = new ArrayList<>();
        for (Annotation annotation : annotations) {
            long start = System.nanoTime();
            try {
                JsonNode value = CelValues.json(annotation.value().evaluate(values, budget));
                String text = value.asText("").strip();
                if (value.isTextual() && !text.isEmpty()) {
                    made.put(annotation.key(), text);
                }
            } catch (Compiled.FailedException e) {
                long nanos = System.nanoTime() - start;
                if (e.outOfBudget()) {
                    return new Findings(List.of(failed(e.message(), e.failure(), nanos)), Map.of(), List.of());
                }
                if (!basis.mayFail()) {
                    failures.add(new Decision.Deny(e.message(), Reason.INVALID, e.failure(), nanos));
                }
            }
        }
        return new Findings(decisions, made, failures);
    }
}
