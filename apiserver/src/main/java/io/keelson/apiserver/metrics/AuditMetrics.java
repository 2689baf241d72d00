package io.keelson.apiserver.metrics;

import io.keelson.apiserver.audit.AuditCounts;
import io.keelson.kvstore.metrics.Metrics;

/** How the audit log fares, looked up whenever somebody reads the metrics. */
public final class AuditMetrics {
    private AuditMetrics() {}

    public static void addTo(Metrics metrics, AuditCounts counts) {
        metrics.counter("apiserver_audit_event_total", "Events for the audit log, at all backends.", () ->
                (double) counts.events());
        metrics.counter("apiserver_audit_error_total", "Events that a backend could not store.", () ->
                (double) counts.errors());
        metrics.counter(
                "apiserver_audit_dropped_total",
                "Events that a backend did not keep: it kept too many already, or they were too large.",
                () -> (double) counts.dropped());
        metrics.counter(
                "apiserver_audit_requests_rejected_total",
                "Requests that were refused because they could not be written down.",
                () -> (double) counts.rejected());
        metrics.family(
                "apiserver_audit_level_total",
                "Requests, by how much of them the policy wants to be written down.",
                "counter",
                () -> counts.requestsByLevel().entrySet().stream()
                        .map(entry -> new Metrics.Sample(
                                "", Metrics.label("level", entry.getKey()), (double) entry.getValue()))
                        .toList());
    }
}
