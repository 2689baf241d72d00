package io.keelson.apiserver.admission.podsecurity;

import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.kvstore.metrics.Metrics;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts what comes of holding pods to the standards of their namespaces. Any thread. */
public final class PodSecurityMetrics {
    /** The release 1.x that this server is like; standards of later ones are counted together. */
    private static final int PRESENT_MINOR = 36;

    private final Metrics.Counters evaluations;
    private final Metrics.Counters exemptions;
    private final Metrics.Counters errors;
    private final Map<Evaluation, LongAdder> byEvaluation = new ConcurrentHashMap<>();

    public PodSecurityMetrics(Metrics metrics) {
        evaluations = metrics.counters(
                "pod_security_evaluations_total",
                "Pods and templates of pods held to a standard, by decision, mode, level, version and what is written.");
        exemptions = metrics.counters(
                "pod_security_exemptions_total",
                "Pods and templates of pods that are exempt from all standards, by what is written.");
        errors = metrics.counters(
                "pod_security_errors_total",
                "What stood in the way of finding the standards, by whether the write was refused and what is written.");
    }

    /** What a standard is there for in a namespace. */
    enum Mode {
        ENFORCE("enforce"),
        AUDIT("audit"),
        WARN("warn");

        private final String label;

        Mode(String label) {
            this.label = label;
        }
    }

    private record Evaluation(
            boolean allowed, Mode mode, Standard standard, Operation operation, String resource, String subresource) {}

    /** Something was held to the standard of a mode. */
    void evaluated(AdmissionRequest request, Mode mode, Standard standard, boolean allowed) {
        Evaluation wanted = new Evaluation(
                allowed,
                mode,
                // Whatever its version, it forbids nothing.
                standard.level() == Level.PRIVILEGED ? Standard.PRIVILEGED : counted(standard),
                request.operation(),
                resource(request),
                request.subresource());
        byEvaluation
                .computeIfAbsent(
                        wanted,
                        made -> evaluations.at(Metrics.label("decision", made.allowed() ? "allow" : "deny")
                                + "," + Metrics.label("mode", made.mode().label)
                                + ","
                                + Metrics.label(
                                        "policy_level", made.standard().level().toString())
                                + "," + Metrics.label("policy_version", version(made.standard()))
                                + "," + written(made.operation(), made.resource(), made.subresource())))
                .increment();
    }

    /** Something is exempt. */
    void exempted(AdmissionRequest request) {
        exemptions.at(written(request)).increment();
    }

    /**
     * The standards cannot be found, or not as they are stated.
     *
     * @param fatal whether the write is refused for that
     */
    void failed(AdmissionRequest request, boolean fatal) {
        errors.at(Metrics.label("fatal", Boolean.toString(fatal)) + "," + written(request))
                .increment();
    }

    private static Standard counted(Standard standard) {
        boolean future = standard.minor() > PRESENT_MINOR && standard.minor() != Standard.LATEST;
        return future ? standard.withMinor(PRESENT_MINOR + 1) : standard;
    }

    private static String version(Standard standard) {
        if (standard.minor() == Standard.LATEST) {
            return "latest";
        }
        return standard.minor() > PRESENT_MINOR ? "future" : "v1." + standard.minor();
    }

    private static String written(AdmissionRequest request) {
        return written(request.operation(), resource(request), request.subresource());
    }

    private static String written(Operation operation, String resource, String subresource) {
        return Metrics.label("request_operation", operation.name().toLowerCase(Locale.ROOT))
                + "," + Metrics.label("resource", resource)
                + "," + Metrics.label("subresource", subresource);
    }

    /** Pods, and whatever has a template of pods. */
    private static String resource(AdmissionRequest request) {
        boolean pod = request.resource().name().resource().equals("pods");
        return pod ? "pod" : "controller";
    }
}
