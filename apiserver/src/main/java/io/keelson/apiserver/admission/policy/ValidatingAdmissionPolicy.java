package io.keelson.apiserver.admission.policy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.KindLookup;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.admission.conditions.ConfigurationException;
import io.keelson.apiserver.admission.conditions.Scene;
import io.keelson.apiserver.admission.policy.ValidatingPolicyMetrics.Action;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.errors.StatusCause;
import io.keelson.apiserver.object.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Has all ValidatingAdmissionPolicies that are for a write judge it, and does what their bindings say about what they find:
 * refuse it, warn the client, or note it for the audit log. Of several refusals the client is told the first.
 */
public final class ValidatingAdmissionPolicy implements AdmissionPlugin {
    private static final String VALIDATION_FAILURE = "validation.policy.admission.k8s.io/validation_failure";
    private static final int ANNOTATION_CHARS_MAX = 10 * 1_024;

    private final Invocations<ValidatingPolicy> invocations;
    private final Scenes scenes;
    private final ValidatingPolicyMetrics metrics;

    /** @param authorizer answers what expressions ask of it */
    public ValidatingAdmissionPolicy(
            ObjectLookup objects, KindLookup kinds, Authorizer authorizer, ValidatingPolicyMetrics metrics) {
        this.metrics = metrics;
        this.invocations = new Invocations<>(
                new PolicySource<>(
                        objects,
                        "validatingadmissionpolicies",
                        "validatingadmissionpolicybindings",
                        ValidatingPolicy::of),
                ValidatingPolicy::basis,
                objects,
                kinds);
        this.scenes = new Scenes(objects, authorizer);
    }

    @Override
    public String name() {
        return "ValidatingAdmissionPolicy";
    }

    @Override
    public void validate(AdmissionRequest request) throws InterruptedException {
        if (Exclusions.holdFor(request)) {
            return;
        }
        List<Invocations.Step<ValidatingPolicy>> steps = invocations.of(request);
        if (steps.isEmpty()) {
            return;
        }
        Round round = new Round(request, metrics);
        Scenes.OfRequest seen = scenes.of(request);
        for (Invocations.Step<ValidatingPolicy> step : steps) {
            switch (step) {
                case Invocations.Step.Failure<ValidatingPolicy> failure ->
                    round.refuse(failure.policy().name(), failure.binding(), failure.message(), Reason.INVALID);
                case Invocations.Step.Evaluation<ValidatingPolicy> evaluation -> round.evaluate(evaluation, seen);
            }
        }
        round.end();
    }

    /** What comes of all policies for one request. */
    private static final class Round {
        private final AdmissionRequest request;
        private final ValidatingPolicyMetrics metrics;
        private final Map<String, Set<String>> annotations = new LinkedHashMap<>();
        private @Nullable ApiException refusal;

        Round(AdmissionRequest request, ValidatingPolicyMetrics metrics) {
            this.request = request;
            this.metrics = metrics;
        }

        void evaluate(Invocations.Step.Evaluation<ValidatingPolicy> evaluation, Scenes.OfRequest seen) {
            ValidatingPolicy policy = evaluation.policy();
            String name = policy.basis().name();
            try {
                Scene scene = seen.in(evaluation.target());
                for (Optional<ObjectNode> params : evaluation.params()) {
                    take(name, evaluation.binding(), policy.judge(scene.with(params.orElse(null))));
                }
            } catch (ConfigurationException e) {
                if (!policy.basis().mayFail()) {
                    refuse(name, null, "failed to configure policy: " + e.message(), Reason.INVALID);
                }
            }
        }

        private void take(String policy, Binding binding, Findings findings) {
            for (int i = 0; i < findings.decisions().size(); i++) {
                switch (findings.decisions().get(i)) {
                    case Decision.Admit admit -> {
                        if (admit.failure() != null) {
                            metrics.checked(policy, binding.name(), Action.ALLOW, admit.failure(), admit.nanos());
                        }
                    }
                    case Decision.Deny deny -> act(policy, binding, deny, i);
                }
            }
            findings.annotations()
                    .forEach((key, value) -> annotations
                            .computeIfAbsent(policy + "/" + key, _ -> new LinkedHashSet<>())
                            .add(
                                    value.length() > ANNOTATION_CHARS_MAX
                                            ? value.substring(0, ANNOTATION_CHARS_MAX)
                                            : value));
            findings.failures().forEach(failure -> deny(policy, binding, failure));
        }

        private void act(String policy, Binding binding, Decision.Deny deny, int index) {
            for (String action : binding.actions()) {
                switch (action) {
                    case "Deny" -> deny(policy, binding, deny);
                    case "Warn" -> {
                        request.warn("Validation failed for ValidatingAdmissionPolicy '" + policy + "' with binding '"
                                + binding.name() + "': " + deny.message());
                        count(policy, binding, Action.WARN, deny);
                    }
                    case "Audit" -> {
                        request.auditAnnotations()
                                .putIfAbsent(VALIDATION_FAILURE, failure(policy, binding, deny, index));
                        count(policy, binding, Action.AUDIT, deny);
                    }
                    default -> {
                        // None that there is.
                    }
                }
            }
        }

        private void deny(String policy, Binding binding, Decision.Deny deny) {
            count(policy, binding, Action.DENY, deny);
            refuse(policy, binding, deny.message(), deny.reason());
        }

        private void count(String policy, Binding binding, Action action, Decision.Deny deny) {
            metrics.checked(policy, binding.name(), action, deny.failure(), deny.nanos());
        }

        private static String failure(String policy, Binding binding, Decision.Deny deny, int index) {
            ArrayNode list = Json.array();
            list.addObject()
                    .put("message", deny.message())
                    .put("policy", policy)
                    .put("binding", binding.name())
                    .put("expressionIndex", index)
                    .set("validationActions", Json.array(binding.actions()));
            return Json.text(list);
        }

        void refuse(String policy, @Nullable Binding binding, String why, Reason reason) {
            if (refusal != null) {
                return;
            }
            String message = "ValidatingAdmissionPolicy '" + policy + "'"
                    + (binding == null ? "" : " with binding '" + binding.name() + "'") + " denied request: " + why;
            ApiException forbidden = request.forbidden(message);
            refusal = ApiException.of(
                    reason,
                    forbidden.message(),
                    forbidden.details().withCauses(List.of(new StatusCause("", message, ""))));
        }

        /** @throws ApiException if the write is refused */
        void end() {
            annotations.forEach(
                    (key, values) -> request.auditAnnotations().put(key, String.join(", ", new ArrayList<>(values))));
            ApiException found = refusal;
            if (found != null) {
                throw found;
            }
        }
    }
}
