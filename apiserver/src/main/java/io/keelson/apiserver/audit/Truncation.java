package io.keelson.apiserver.audit;

import java.util.ArrayList;
import java.util.List;

/** Keeps events and batches to a size: too large an event loses its objects, and goes if it still is too large. */
record Truncation(AuditSettings.Truncate limits, String backend, AuditCounts counts, Complaints complaints) {
    /** The same events, as far as they fit, in as many batches as they need. */
    List<List<AuditEvent>> fitted(List<AuditEvent> events) {
        if (!limits.enabled()) {
            return List.of(events);
        }
        List<List<AuditEvent>> batches = new ArrayList<>();
        List<AuditEvent> batch = new ArrayList<>();
        long batchBytes = 0;
        for (AuditEvent event : events) {
            AuditEvent fitted = event;
            long bytes = fitted.json(true).length;
            if (bytes > limits.eventBytesMax()) {
                fitted = event.truncated();
                bytes = fitted.json(true).length;
            }
            if (bytes > limits.eventBytesMax()) {
                counts.drop();
                complaints.dropped(backend, "an event has " + bytes + " bytes");
                continue;
            }
            if (!batch.isEmpty() && batchBytes + bytes > limits.batchBytesMax()) {
                batches.add(batch);
                batch = new ArrayList<>();
                batchBytes = 0;
            }
            batch.add(fitted);
            batchBytes += bytes;
        }
        if (!batch.isEmpty()) {
            batches.add(batch);
        }
        return batches;
    }
}
