package io.keelson.apiserver.proxy;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Opens connections to backends, at most {@link #CONNECTIONS_MAX} at a time, and closes those that are open with itself.
 * Any thread.
 */
public final class Backends implements AutoCloseable {
    /** Connections to all backends together; each may cost some 200 KB. */
    public static final int CONNECTIONS_MAX = 2_048;

    private final Semaphore free = new Semaphore(CONNECTIONS_MAX);
    private final Set<BackendConnection> open = ConcurrentHashMap.newKeySet();
    private final Deadlines deadlines = new Deadlines();
    private volatile boolean closed;

    /**
     * @param address what the host of the destination stands for
     * @throws ApiException ServiceUnavailable if there are too many connections
     */
    BackendConnection connect(Destination destination, InetAddress address, Duration timeout) throws BackendException {
        if (!free.tryAcquire()) {
            throw ApiException.of(Reason.SERVICE_UNAVAILABLE, "too many connections to backends");
        }
        BackendConnection[] made = new BackendConnection[1];
        try {
            made[0] = BackendConnection.open(destination, address, timeout, () -> {
                open.remove(made[0]);
                free.release();
            });
        } catch (BackendException | RuntimeException e) {
            free.release();
            throw e;
        }
        open.add(made[0]);
        if (closed) {
            made[0].close();
        }
        return made[0];
    }

    Deadlines deadlines() {
        return deadlines;
    }

    /** Connections that are open. */
    int openConnections() {
        return open.size();
    }

    @Override
    public void close() {
        closed = true;
        open.forEach(BackendConnection::close);
        deadlines.close();
    }
}
