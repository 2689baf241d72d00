package io.keelson.kvstore.client;

import com.google.protobuf.MessageLite;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.keelson.kvstore.api.AuthGrpc;
import io.keelson.kvstore.api.AuthenticateRequest;
import io.keelson.kvstore.errors.EtcdError;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection to an etcd v3 cluster: unary calls by their method descriptors ({@code KVGrpc.getRangeMethod()}), and
 * the pieces that {@link Watcher} and {@link LeaseKeepAlive} build streams from.
 *
 * <p>Errors: what the server answers, and deadlines, arrive as {@link StatusRuntimeException}; a write whose fate is
 * unknown as {@link OutcomeUnknownException}. Nothing is queued here, so nothing has a bound to reach: a call that
 * cannot be sent waits on its own thread until its deadline.
 */
public final class KvClient implements AutoCloseable {
    private static final long PAUSE_MS_MIN = 25;
    private static final long PAUSE_MS_MAX = 500;
    /** Servers put it before every text of their own. */
    private static final String SERVER_TEXT = "etcdserver: ";

    private final ClientConfig config;
    private final Transport transport;
    private final List<Connection> connections;
    private volatile int current;
    private volatile @Nullable String token;

    private KvClient(ClientConfig config) {
        this.config = config;
        this.transport = new Transport(config.nativeTransport());
        this.connections = new ArrayList<>();
        for (String endpoint : config.endpoints()) {
            connections.add(new Connection(Endpoint.parse(endpoint), config, transport));
        }
    }

    /**
     * Opens a client; connections are made when they are needed, except that a client with credentials
     * authenticates now.
     *
     * @throws IllegalArgumentException when an endpoint or the TLS files are not usable
     * @throws StatusRuntimeException when the user is refused, or no endpoint answers within the dial timeout
     */
    public static KvClient open(ClientConfig config) {
        KvClient client = new KvClient(config);
        if (config.credentials() != null) {
            try {
                client.authenticate(Deadline.after(config.dialTimeout().toNanos(), TimeUnit.NANOSECONDS));
            } catch (RuntimeException e) {
                client.close();
                throw e;
            }
        }
        return client;
    }

    /** What this client was made of. */
    public ClientConfig config() {
        return config;
    }

    /** Calls what changes nothing: tried on one endpoint after the other until the deadline (null for none). */
    public <Q extends MessageLite, R> R read(MethodDescriptor<Q, R> method, Q request, @Nullable Deadline deadline) {
        return call(method, request, deadline, true);
    }

    /**
     * Calls what may change something: sent once.
     *
     * @throws OutcomeUnknownException when the connection was lost between request and answer
     */
    public <Q extends MessageLite, R> R write(MethodDescriptor<Q, R> method, Q request, @Nullable Deadline deadline) {
        return call(method, request, deadline, false);
    }

    /** Calls one endpoint of {@link ClientConfig#endpoints()}, or any other address, and no other in its place. */
    public <Q extends MessageLite, R> R callAt(
            String endpoint, MethodDescriptor<Q, R> method, Q request, @Nullable Deadline deadline) {
        Connection known = null;
        for (Connection connection : connections) {
            if (connection.endpoint().text().equals(endpoint)) {
                known = connection;
            }
        }
        if (known != null) {
            return callAt(known, method, request, deadline);
        }
        try (Connection own = new Connection(Endpoint.parse(endpoint), config, transport)) {
            return callAt(own, method, request, deadline);
        }
    }

    /** Opens a stream of answers on an endpoint that can be reached; a failure shows at {@link Iterator#hasNext()}. */
    public <Q extends MessageLite, R> Iterator<R> stream(
            MethodDescriptor<Q, R> method, Q request, @Nullable Deadline deadline) {
        Connection connection = pick(deadline);
        return ClientCalls.blockingServerStreamingCall(
                withHeaders(connection, false), method, options(deadline), request);
    }

    /** Waits until some endpoint is connected; false when none is within this time. */
    public boolean awaitConnection(long timeoutNs) {
        try {
            for (Connection connection : connections) {
                if (connection.awaitReady(timeoutNs / connections.size())) {
                    current = connections.indexOf(connection);
                    return true;
                }
            }
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted(e);
        }
    }

    /** A channel to an endpoint that can be reached, with the headers of a long-lived stream. */
    Channel channelForStream(@Nullable Deadline deadline) {
        return withHeaders(pick(deadline), true);
    }

    /** Turns to the next endpoint: a stream of the current one broke. */
    void turnToNextEndpoint() {
        current = (current + 1) % connections.size();
    }

    /** Takes note of an answer; true when it was an outdated token and a new one was fetched. */
    boolean renewedToken(Status status, @Nullable Deadline deadline) {
        if (config.credentials() == null || !refusesToken(status)) {
            return false;
        }
        authenticate(deadline);
        return true;
    }

    static void pause(int attempt, @Nullable Deadline deadline) {
        long pauseMs = Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN << Math.min(attempt, 10));
        if (deadline != null) {
            long leftMs = deadline.timeRemaining(TimeUnit.MILLISECONDS);
            if (leftMs <= 0) {
                throw deadlineExceeded();
            }
            pauseMs = Math.min(pauseMs, leftMs);
        }
        try {
            Thread.sleep(pauseMs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted(e);
        }
    }

    private <Q extends MessageLite, R> R call(
            MethodDescriptor<Q, R> method, Q request, @Nullable Deadline deadline, boolean repeatable) {
        checkSize(request);
        boolean tokenIsFresh = false;
        for (int attempt = 0; ; attempt++) {
            Connection connection = pick(deadline);
            SentMarker marker = repeatable ? null : new SentMarker();
            CallOptions options = options(deadline);
            if (marker != null) {
                options = options.withStreamTracerFactory(marker);
            }
            try {
                return ClientCalls.blockingUnaryCall(withHeaders(connection, false), method, options, request);
            } catch (StatusRuntimeException e) {
                Status status = e.getStatus();
                if (!tokenIsFresh && renewedToken(status, deadline)) {
                    tokenIsFresh = true;
                    continue;
                }
                if (!isLost(status)) {
                    throw e;
                }
                if (marker != null) {
                    if (isAnswer(status)) {
                        throw e;
                    }
                    if (marker.sent()) {
                        throw new OutcomeUnknownException(status, e);
                    }
                }
                turnToNextEndpoint();
            }
            pause(attempt, deadline);
        }
    }

    private <Q extends MessageLite, R> R callAt(
            Connection connection, MethodDescriptor<Q, R> method, Q request, @Nullable Deadline deadline) {
        checkSize(request);
        try {
            return ClientCalls.blockingUnaryCall(withHeaders(connection, false), method, options(deadline), request);
        } catch (StatusRuntimeException e) {
            if (!renewedToken(e.getStatus(), deadline)) {
                throw e;
            }
        }
        return ClientCalls.blockingUnaryCall(withHeaders(connection, false), method, options(deadline), request);
    }

    /**
     * The connection to use: with one endpoint that one (gRPC waits for it), otherwise the first that can be reached,
     * from the one that was last in use on.
     */
    private Connection pick(@Nullable Deadline deadline) {
        int first = current;
        Connection likely = connections.get(first);
        if (connections.size() == 1 || likely.isReady()) {
            return likely;
        }
        for (int attempt = 0; ; attempt++) {
            for (int offset = 0; offset < connections.size(); offset++) {
                int index = (first + offset) % connections.size();
                long waitNs = config.dialTimeout().toNanos();
                if (deadline != null) {
                    waitNs = Math.min(waitNs, deadline.timeRemaining(TimeUnit.NANOSECONDS));
                    if (waitNs <= 0) {
                        throw deadlineExceeded();
                    }
                }
                try {
                    if (connections.get(index).awaitReady(waitNs)) {
                        current = index;
                        return connections.get(index);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw interrupted(e);
                }
            }
            pause(attempt, deadline);
        }
    }

    private void authenticate(@Nullable Deadline deadline) {
        Credentials credentials = config.credentials();
        if (credentials == null) {
            return;
        }
        token = null;
        AuthenticateRequest request = AuthenticateRequest.newBuilder()
                .setName(credentials.user())
                .setPassword(credentials.password())
                .build();
        try {
            token = call(AuthGrpc.getAuthenticateMethod(), request, deadline, true)
                    .getToken();
        } catch (StatusRuntimeException e) {
            if (!EtcdError.AUTH_NOT_ENABLED.text().equals(e.getStatus().getDescription())) {
                throw e;
            }
        }
    }

    private Channel withHeaders(Connection connection, boolean requireLeader) {
        String now = token;
        if (now == null && !requireLeader) {
            return connection.channel();
        }
        return ClientInterceptors.intercept(connection.channel(), new RequestHeaders(now, requireLeader));
    }

    private static CallOptions options(@Nullable Deadline deadline) {
        return CallOptions.DEFAULT.withDeadline(deadline).withWaitForReady();
    }

    private void checkSize(MessageLite request) {
        int bytes = request.getSerializedSize();
        if (bytes > config.requestBytesMax()) {
            throw Status.RESOURCE_EXHAUSTED
                    .withDescription("trying to send message larger than max (" + bytes + " vs. "
                            + config.requestBytesMax() + ")")
                    .asRuntimeException();
        }
    }

    /**
     * Whether the way to the server broke, or the server has nobody who can answer, rather than having answered for good:
     * another attempt may go better. It says nothing about what became of a write that was sent.
     */
    public static boolean isLost(Status status) {
        return switch (status.getCode()) {
            case UNAVAILABLE -> true;
            case INTERNAL, CANCELLED, UNKNOWN ->
                !isAnswer(status) && (isReset(status) || isOfConnection(status.getCause()));
            default -> false;
        };
    }

    /** What a server that shuts down at once does to calls under way; a call we cancel ourselves says otherwise. */
    private static boolean isReset(Status status) {
        String text = status.getDescription();
        return text != null && text.contains("RST_STREAM");
    }

    /**
     * Whether a status was made on this side because a connection failed: one that came from a server has no cause. gRPC says
     * {@code UNKNOWN: channel closed} when a call meets a connection in the moment it goes.
     */
    private static boolean isOfConnection(@Nullable Throwable cause) {
        return cause instanceof IOException || cause instanceof Http2Exception;
    }

    /** Whether a server said it, and not gRPC on either side. */
    public static boolean isAnswer(Status status) {
        String text = status.getDescription();
        return text != null && text.startsWith(SERVER_TEXT);
    }

    private static boolean refusesToken(Status status) {
        String text = status.getDescription();
        return EtcdError.INVALID_AUTH_TOKEN.text().equals(text)
                || EtcdError.AUTH_OLD_REVISION.text().equals(text);
    }

    private static StatusRuntimeException deadlineExceeded() {
        return Status.DEADLINE_EXCEEDED
                .withDescription("context deadline exceeded")
                .asRuntimeException();
    }

    private static StatusRuntimeException interrupted(InterruptedException cause) {
        return Status.CANCELLED.withDescription("interrupted").withCause(cause).asRuntimeException();
    }

    @Override
    public void close() {
        for (Connection connection : connections) {
            connection.close();
        }
        transport.close();
    }
}
