package io.keelson.apiserver.proxy;

import io.keelson.apiserver.egress.EgressProxy;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections to backends, at most {@link #CONNECTIONS_MAX} at a time, and closes those that are open with itself.
 * Some are kept for a while when their request is answered, for others to the same destination; destinations of different
 * services are different ones even if they have the same address. Connections through a proxy are not kept: each is for one
 * request. Any thread.
 */
public final class Backends implements AutoCloseable {
    /** Connections to all backends together; each may cost some 200 KB. */
    public static final int CONNECTIONS_MAX = 2_048;

    /** Connections to one destination that are kept. */
    static final int IDLE_MAX_EACH = 16;

    /** Connections to all of them that are kept. */
    private static final int IDLE_MAX = 256;

    private static final Duration IDLE_TIME = Duration.ofSeconds(30);

    /** Through which all of them lead; null for none. */
    private final @Nullable EgressProxy proxy;

    private final Semaphore free = new Semaphore(CONNECTIONS_MAX);
    private final Set<BackendConnection> open = ConcurrentHashMap.newKeySet();
    private final Deadlines deadlines = new Deadlines();
    private volatile boolean closed;

    /** Those that are kept, the one last used at the end; no list is empty. Guarded by itself. */
    private final Map<Place, Deque<Idle>> idle = new LinkedHashMap<>();

    /** How many those are. Guarded by them. */
    private int idleCount;

    private record Place(Destination destination, @Nullable InetAddress address) {}

    /** A connection that is kept; distinct from every other. */
    private static final class Idle {
        private final BackendConnection connection;

        /** Ends it; null until it is kept. */
        private Deadlines.@Nullable Wait expiry;

        Idle(BackendConnection connection) {
            this.connection = connection;
        }

        void noMore() {
            Deadlines.Wait running = expiry;
            if (running != null) {
                running.close();
            }
        }
    }

    /** Backends that are connected to directly. */
    public Backends() {
        this(null);
    }

    /** @param proxy through which they are connected to; null for none */
    public Backends(@Nullable EgressProxy proxy) {
        this.proxy = proxy;
    }

    /**
     * Looks a host up, unless the proxy is to do that.
     *
     * @return null if the proxy is to do that
     * @throws BackendException if there is no such host
     */
    public @Nullable InetAddress resolve(String host) throws BackendException {
        return proxy == null ? BackendConnection.resolve(host) : null;
    }

    /**
     * @param address what the host of the destination stands for; null, behind a proxy only, to have that look it up
     * @throws ApiException ServiceUnavailable if there are too many connections
     */
    BackendConnection connect(Destination destination, @Nullable InetAddress address, Duration timeout)
            throws BackendException {
        if (!free.tryAcquire() && !(closeOneIdle() && free.tryAcquire())) {
            throw ApiException.of(Reason.SERVICE_UNAVAILABLE, "too many connections to backends");
        }
        BackendConnection[] made = new BackendConnection[1];
        try {
            Runnable onClose = () -> {
                open.remove(made[0]);
                free.release();
            };
            made[0] = proxy == null
                    ? BackendConnection.open(destination, known(destination, address), timeout, onClose)
                    : BackendConnection.open(proxy, destination, address, timeout, onClose);
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

    private static InetAddress known(Destination destination, @Nullable InetAddress address) throws BackendException {
        return address == null ? BackendConnection.resolve(destination.host()) : address;
    }

    /**
     * A connection that was used before; null if none is kept. It may be dead all the same.
     *
     * @param fit whether one can be used; one that cannot is closed
     */
    @Nullable
    BackendConnection kept(Destination destination, @Nullable InetAddress address, Predicate<BackendConnection> fit) {
        Place place = new Place(destination, address);
        while (true) {
            Idle found;
            synchronized (idle) {
                Deque<Idle> all = idle.get(place);
                if (all == null) {
                    return null;
                }
                found = all.removeLast();
                forget(place, all);
            }
            found.noMore();
            if (fit.test(found.connection)) {
                return found.connection;
            }
            found.connection.close();
        }
    }

    /** Keeps a connection on which another request can be sent, or closes it if there are enough or it is not as it should be. */
    void keep(Destination destination, @Nullable InetAddress address, BackendConnection connection) {
        if (proxy != null) {
            // Whether it is quiet cannot be seen through the proxy's own TLS.
            connection.close();
            return;
        }
        Place place = new Place(destination, address);
        Idle kept = new Idle(connection);
        boolean quiet = connection.isQuiet();
        boolean room;
        synchronized (idle) {
            Deque<Idle> all = idle.computeIfAbsent(place, _ -> new ArrayDeque<>());
            room = quiet && !closed && all.size() < IDLE_MAX_EACH && idleCount < IDLE_MAX;
            if (room) {
                all.addLast(kept);
                idleCount++;
                kept.expiry = deadlines.watch(IDLE_TIME, () -> false, () -> expire(place, kept));
            } else if (all.isEmpty()) {
                idle.remove(place);
            }
        }
        if (!room) {
            connection.close();
        }
    }

    private void expire(Place place, Idle one) {
        boolean there;
        synchronized (idle) {
            Deque<Idle> all = idle.get(place);
            there = all != null && all.remove(one);
            if (all != null && there) {
                forget(place, all);
            }
        }
        if (there) {
            one.connection.close();
        }
    }

    /** One less of these. */
    private void forget(Place place, Deque<Idle> all) {
        idleCount--;
        if (all.isEmpty()) {
            idle.remove(place);
        }
    }

    /** Makes room for one that is needed now. */
    private boolean closeOneIdle() {
        Idle found = null;
        synchronized (idle) {
            for (Map.Entry<Place, Deque<Idle>> some : idle.entrySet()) {
                found = some.getValue().removeFirst();
                forget(some.getKey(), some.getValue());
                break;
            }
        }
        if (found == null) {
            return false;
        }
        found.noMore();
        found.connection.close();
        return true;
    }

    /** Connections that are kept. */
    int idleConnections() {
        synchronized (idle) {
            return idleCount;
        }
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
