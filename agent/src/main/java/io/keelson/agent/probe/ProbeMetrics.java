package io.keelson.agent.probe;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;

/** What probes count, under the kubelet's names. */
public final class ProbeMetrics {
    private static final double NANOS = 1e9;
    private static final String[] RESULTS = {"successful", "failed", "unknown"};

    private final Counter total;
    private final Histogram duration;

    /** Of whom a probe is. */
    record Labels(ProbeKind kind, String container, String pod, String namespace, String podUid) {
        String[] with(String result) {
            return new String[] {kind.title(), result, container, pod, namespace, podUid};
        }
    }

    /** Counts in a registry. */
    public ProbeMetrics(PrometheusRegistry registry) {
        total = Counter.builder()
                .name("prober_probe_total")
                .help("Cumulative number of a liveness, readiness or startup probe for a container by result.")
                .labelNames("probe_type", "result", "container", "pod", "namespace", "pod_uid")
                .register(registry);
        duration = Histogram.builder()
                .name("prober_probe_duration_seconds")
                .help("Duration in seconds for a probe response.")
                .labelNames("probe_type", "container", "pod", "namespace")
                .classicOnly()
                .register(registry);
    }

    void asked(Labels labels, ProbeAnswer.Outcome outcome, Duration took) {
        String result = switch (outcome) {
            case SUCCESS, WARNING -> "successful";
            case FAILURE -> "failed";
            case ERROR -> "unknown";
        };
        total.labelValues(labels.with(result)).inc();
        if (result.equals("successful")) {
            duration.labelValues(labels.kind().title(), labels.container(), labels.pod(), labels.namespace())
                    .observe(took.toNanos() / NANOS);
        }
    }

    /** A container is gone, and nothing is told of it any more. */
    void forget(Labels labels) {
        for (String result : RESULTS) {
            total.remove(labels.with(result));
        }
        duration.remove(labels.kind().title(), labels.container(), labels.pod(), labels.namespace());
    }
}
