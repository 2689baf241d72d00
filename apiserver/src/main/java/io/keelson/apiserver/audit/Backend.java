package io.keelson.apiserver.audit;

import java.io.IOException;
import java.util.List;

/** Stores events. Any thread, several at a time. */
interface Backend extends AutoCloseable {
    /** @throws IOException if they could not be stored */
    void store(List<AuditEvent> events) throws IOException, InterruptedException;

    /** {@code log} or {@code webhook}. */
    String name();

    @Override
    void close();
}
