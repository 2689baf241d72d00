package io.keelson.apiserver.audit;

import java.io.IOException;
import java.util.List;

/**
 * Hands every event on at once, while the request waits.
 *
 * @param strict whether a request whose event could not be stored may not go on
 */
record BlockingSink(Backend backend, Truncation truncation, boolean strict, AuditCounts counts, Complaints complaints)
        implements Sink {
    @Override
    public boolean take(AuditEvent event) throws InterruptedException {
        try {
            for (List<AuditEvent> some : truncation.fitted(List.of(event))) {
                backend.store(some);
            }
            return true;
        } catch (IOException e) {
            counts.error(1);
            complaints.failed(backend.name(), 1, e);
            return !strict;
        }
    }

    @Override
    public void close() {
        backend.close();
    }
}
