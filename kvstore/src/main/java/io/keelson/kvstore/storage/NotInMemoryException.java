package io.keelson.kvstore.storage;

/** What was to be read without touching the disk is not in memory. Says so and nothing else: it has no stack trace. */
public final class NotInMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotInMemoryException() {
        super("not in memory", null, false, false);
    }
}
