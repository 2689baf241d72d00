package io.keelson.apiserver.store;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.keelson.apiserver.store.StoreRequests.Operation;
import io.keelson.kvstore.client.KvClient;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Single calls to the store: each has a deadline, is timed, and is repeated if, and only if, that cannot do harm. A read is
 * repeated while the store cannot be reached or changes its leader; a write only as long as it never left this process.
 */
final class EtcdCalls {
    private static final long PAUSE_MS_MIN = 20;
    private static final long PAUSE_MS_MAX = 500;
    /** Connections are tried again no more often than this, however many calls fail. */
    private static final long RECONNECT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Channel channel;
    private final StoreOptions options;
    private final AtomicLong lastReconnect = new AtomicLong(System.nanoTime() - RECONNECT_NANOS);

    EtcdCalls(Channel channel, StoreOptions options) {
        this.channel = channel;
        this.options = options;
    }

    /** A call that failed in a way that its caller knows more about. */
    static final class Failure extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Status status;
        private final boolean sent;

        Failure(Status status, boolean sent) {
            super(StoreErrors.text(status), status.getCause(), false, false);
            this.status = status;
            this.sent = sent;
        }

        Status status() {
            return status;
        }

        /** Whether it may have left this process. */
        boolean sent() {
            return sent;
        }
    }

    /** Calls what changes nothing. */
    <Q, R> R read(Operation operation, String key, MethodDescriptor<Q, R> method, Q request)
            throws Failure, InterruptedException {
        return call(operation, key, method, request, true);
    }

    /** Calls what may change something. */
    <Q, R> R write(Operation operation, String key, MethodDescriptor<Q, R> method, Q request)
            throws Failure, InterruptedException {
        return call(operation, key, method, request, false);
    }

    private <Q, R> R call(Operation operation, String key, MethodDescriptor<Q, R> method, Q request, boolean repeatable)
            throws Failure, InterruptedException {
        long begin = System.nanoTime();
        boolean failed = true;
        try {
            R answer = attempts(method, request, repeatable, begin);
            failed = false;
            return answer;
        } finally {
            options.requests().completed(operation, key, System.nanoTime() - begin, failed);
        }
    }

    private <Q, R> R attempts(MethodDescriptor<Q, R> method, Q request, boolean repeatable, long begin)
            throws Failure, InterruptedException {
        long timeoutNanos = options.requestTimeout().toNanos();
        long patienceNanos = Math.min(options.retryPatience().toNanos(), timeoutNanos);
        for (int attempt = 0; ; attempt++) {
            SentMarker marker = new SentMarker();
            CallOptions callOptions = CallOptions.DEFAULT
                    .withDeadlineAfter(timeoutNanos - (System.nanoTime() - begin), TimeUnit.NANOSECONDS)
                    .withStreamTracerFactory(marker);
            try {
                return ClientCalls.blockingUnaryCall(channel, method, callOptions, request);
            } catch (StatusRuntimeException e) {
                Status status = e.getStatus();
                if (status.getCode() == Status.Code.CANCELLED && Thread.interrupted()) {
                    InterruptedException interrupted = new InterruptedException("while the store was asked");
                    interrupted.initCause(e);
                    throw interrupted;
                }
                boolean again = KvClient.isLost(status) && (repeatable || !marker.sent());
                long pauseMs = Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN << Math.min(attempt, 10));
                long spentNanos = System.nanoTime() - begin + TimeUnit.MILLISECONDS.toNanos(pauseMs);
                if (!again || spentNanos >= patienceNanos) {
                    throw new Failure(status, marker.sent());
                }
                reconnect();
                Thread.sleep(pauseMs);
            }
        }
    }

    /** Has lost connections tried again now: left alone, gRPC waits for up to two minutes once a server was away long. */
    void reconnect() {
        long now = System.nanoTime();
        long last = lastReconnect.get();
        if (channel instanceof ManagedChannel managed
                && now - last >= RECONNECT_NANOS
                && lastReconnect.compareAndSet(last, now)) {
            managed.resetConnectBackoff();
        }
    }

    Channel channel() {
        return channel;
    }
}
