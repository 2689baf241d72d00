package io.keelson.apiserver.audit;

/** Takes events from requests and hands them to a backend. Any thread. */
interface Sink extends AutoCloseable {
    /** Whether the request may go on: false if it has to be written down, and could not be. */
    boolean take(AuditEvent event) throws InterruptedException;

    /** Hands on what it still has, for a bounded time. */
    @Override
    void close();
}
