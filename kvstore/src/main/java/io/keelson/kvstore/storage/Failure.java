package io.keelson.kvstore.storage;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The first thing that went wrong with a database, from which on it is not used any more. Any thread. */
final class Failure {
    private static final Logger log = LoggerFactory.getLogger(Failure.class);

    private final AtomicReference<@Nullable StorageException> first = new AtomicReference<>();

    /** Keeps the failure if it is the first one, and gives it back to be thrown. */
    StorageException record(StorageException failure) {
        if (failure.kind() != StorageException.Kind.CLOSED && first.compareAndSet(null, failure)) {
            log.error("the database is out of service: {}", failure.getMessage(), failure);
        }
        return failure;
    }

    @Nullable
    StorageException first() {
        return first.get();
    }

    /** Throws if the database is out of service. */
    void check() {
        StorageException failure = first.get();
        if (failure != null) {
            throw new StorageException(failure.kind(), "the database is out of service: " + failure.getMessage());
        }
    }
}
