package io.keelson.apiserver.admission.podsecurity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.admission.podsecurity.PodSecurityMetrics.Mode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupKind;
import io.keelson.apiserver.validation.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds pods to the standards of their namespace: refuses those against the one that is enforced, and warns of and notes
 * those, and the templates of pods in workloads, that are against the others.
 */
public final class PodSecurity implements AdmissionPlugin {
    private static final Set<String> NO_POD =
            Set.of("exec", "attach", "binding", "eviction", "log", "portforward", "proxy", "status");

    /** Where resources have the template of a pod. */
    private static final Map<String, String> TEMPLATES = Map.of(
            "podtemplates", "/template",
            "replicationcontrollers", "/spec/template",
            "deployments.apps", "/spec/template",
            "replicasets.apps", "/spec/template",
            "statefulsets.apps", "/spec/template",
            "daemonsets.apps", "/spec/template",
            "jobs.batch", "/spec/template",
            "cronjobs.batch", "/spec/jobTemplate/spec/template");

    private final ObjectLookup objects;
    private final Policy defaults;
    private final Exemptions exemptions;
    private final PodSecurityMetrics metrics;

    public PodSecurity(ObjectLookup objects, PodSecurityConfiguration configuration, PodSecurityMetrics metrics) {
        this.metrics = metrics;
        this.objects = objects;
        defaults = configuration.defaults();
        exemptions = configuration.exemptions();
    }

    @Override
    public String name() {
        return "PodSecurity";
    }

    @Override
    public void validate(AdmissionRequest request) throws InterruptedException {
        ObjectNode object = request.object();
        boolean writes = request.operation() == Operation.CREATE || request.operation() == Operation.UPDATE;
        if (object == null || !writes) {
            return;
        }
        String resource = request.resource().name().toString();
        String template = TEMPLATES.get(resource);
        if (resource.equals("pods")) {
            if (!NO_POD.contains(request.subresource())) {
                validatePod(request, object);
            }
        } else if (!request.subresource().isEmpty()) {
            return;
        } else if (resource.equals("namespaces")) {
            validateNamespace(request, object);
        } else if (template != null && !object.at(template).isMissingNode()) {
            validateTemplate(request, object.at(template));
        }
    }

    private void validateNamespace(AdmissionRequest request, ObjectNode namespace) throws InterruptedException {
        List<FieldError> errors = new ArrayList<>();
        Policy policy = Policy.of(ObjectMeta.labels(namespace), defaults, errors);
        ObjectNode old = request.old();
        if (old == null) {
            refuse(namespace, errors);
            return;
        }
        List<FieldError> before = new ArrayList<>();
        Standard enforcedBefore =
                Policy.of(ObjectMeta.labels(old), defaults, before).enforce();
        if (!errors.equals(before)) {
            // What was wrong already does not stand in the way of other changes.
            refuse(namespace, errors);
        }
        Standard enforced = policy.enforce();
        boolean relaxed =
                enforced.minor() == enforcedBefore.minor() && enforced.level().compareTo(enforcedBefore.level()) <= 0;
        String name = ObjectMeta.name(namespace);
        if (relaxed
                || enforced.level() == Level.PRIVILEGED
                || exemptions.namespaces().contains(name)) {
            return;
        }
        ExistingPods.warnings(name, enforced, objects.all("", "pods", name), exemptions)
                .forEach(request::warn);
    }

    private static void refuse(ObjectNode namespace, List<FieldError> errors) {
        if (!errors.isEmpty()) {
            throw ApiException.invalid(new GroupKind("", "Namespace"), ObjectMeta.name(namespace), errors);
        }
    }

    /**
     * What holds for a write.
     *
     * @param error what is wrong with the labels that say so; empty if nothing is
     */
    private record Stated(Policy policy, String error) {}

    private void validatePod(AdmissionRequest request, ObjectNode pod) throws InterruptedException {
        Stated stated = policy(request);
        if (stated == null) {
            return;
        }
        Policy policy = stated.policy();
        if (policy.isPrivileged() && stated.error().isEmpty()) {
            annotate(request, "enforce-policy", policy.enforce().toString());
            metrics.evaluated(request, Mode.ENFORCE, policy.enforce(), true);
            return;
        }
        ObjectNode old = request.old();
        if (old != null && !PodChanges.matter(pod, old)) {
            return;
        }
        PodView view = PodView.of(pod);
        if (isExempt(request, view)) {
            return;
        }
        noteError(request, stated);
        annotate(request, "enforce-policy", policy.enforce().toString());
        List<Finding> refused = Checks.findings(policy.enforce(), view);
        metrics.evaluated(request, Mode.ENFORCE, policy.enforce(), refused.isEmpty());
        audit(request, policy, view);
        if (!refused.isEmpty()) {
            throw request.forbidden("violates PodSecurity \"" + policy.enforce() + "\": " + Finding.details(refused));
        }
        warn(request, policy, view);
    }

    private void validateTemplate(AdmissionRequest request, JsonNode template) throws InterruptedException {
        Stated stated = policy(request);
        if (stated == null) {
            return;
        }
        PodView view = PodView.of(template);
        if (!isExempt(request, view)) {
            noteError(request, stated);
            audit(request, stated.policy(), view);
            warn(request, stated.policy(), view);
        }
    }

    /** What holds for a write; null if nothing does. */
    private @Nullable Stated policy(AdmissionRequest request) throws InterruptedException {
        if (exemptions.namespaces().contains(request.namespace())) {
            exempt(request, "namespace");
            return null;
        }
        if (exemptions.users().contains(request.user().name())) {
            exempt(request, "user");
            return null;
        }
        ObjectNode namespace = objects.recent("", "namespaces", "", request.namespace());
        if (namespace == null) {
            namespace = objects.now("", "namespaces", "", request.namespace());
        }
        if (namespace == null) {
            metrics.failed(request, true);
            throw ApiException.internal("failed to lookup namespace \"" + request.namespace() + "\"", null);
        }
        List<FieldError> errors = new ArrayList<>();
        Policy policy = Policy.of(ObjectMeta.labels(namespace), defaults, errors);
        return new Stated(policy, errors.isEmpty() ? "" : errors.getFirst().toString());
    }

    private void noteError(AdmissionRequest request, Stated stated) {
        if (!stated.error().isEmpty()) {
            metrics.failed(request, false);
            annotate(request, "error", "Failed to parse policy: " + stated.error());
        }
    }

    private void exempt(AdmissionRequest request, String by) {
        metrics.exempted(request);
        annotate(request, "exempt", by);
    }

    private boolean isExempt(AdmissionRequest request, PodView pod) {
        boolean exempt = exemptions
                .runtimeClasses()
                .contains(pod.spec().path("runtimeClassName").asText(""));
        if (exempt) {
            exempt(request, "runtimeClass");
        }
        return exempt;
    }

    private void audit(AdmissionRequest request, Policy policy, PodView pod) {
        List<Finding> findings = Checks.findings(policy.audit(), pod);
        if (!findings.isEmpty()) {
            metrics.evaluated(request, Mode.AUDIT, policy.audit(), false);
            annotate(request, "audit-violations", wouldViolate(policy.audit(), findings));
        }
    }

    private void warn(AdmissionRequest request, Policy policy, PodView pod) {
        List<Finding> findings = Checks.findings(policy.warn(), pod);
        if (!findings.isEmpty()) {
            metrics.evaluated(request, Mode.WARN, policy.warn(), false);
            request.warn(wouldViolate(policy.warn(), findings));
        }
    }

    private static String wouldViolate(Standard standard, List<Finding> findings) {
        return "would violate PodSecurity \"" + standard + "\": " + Finding.details(findings);
    }

    private static void annotate(AdmissionRequest request, String key, String value) {
        request.auditAnnotations().put(Policy.PREFIX + key, value);
    }
}
