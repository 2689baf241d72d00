package io.keelson.kvstore.server;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.keelson.kvstore.api.ElectionGrpc;
import io.keelson.kvstore.api.LockGrpc;
import io.keelson.kvstore.api.WatchGrpc;
import io.keelson.kvstore.errors.EtcdError;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Knows the calls that may last for ever (streams, and those that wait for a lock or an election), so that a server that
 * stops can end each with the reason instead of cutting it off, and streams whose clients want a leader when there is none
 * any more. Streams of watches are left to the watches, which end theirs themselves; what is answered at once is let
 * finish.
 */
final class LastingCalls implements ServerInterceptor {
    private static final Set<String> WAITING_SERVICES = Set.of(LockGrpc.SERVICE_NAME, ElectionGrpc.SERVICE_NAME);

    private final Set<Lasting<?, ?>> open = ConcurrentHashMap.newKeySet();
    private volatile boolean stopped;

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        if (!lasts(call.getMethodDescriptor())) {
            return next.startCall(call, headers);
        }
        boolean stream = call.getMethodDescriptor().getType() != MethodDescriptor.MethodType.UNARY;
        Lasting<Q, R> lasting = new Lasting<>(call, stream && CallRules.requireLeader(headers));
        open.add(lasting);
        // After it was added: either this sees the stop, or the stop sees the call.
        if (stopped) {
            lasting.end(EtcdError.STOPPED);
            return new ServerCall.Listener<>() {};
        }
        return new SimpleForwardingServerCallListener<>(next.startCall(lasting, headers)) {
            @Override
            public void onCancel() {
                open.remove(lasting);
                super.onCancel();
            }

            @Override
            public void onComplete() {
                open.remove(lasting);
                if (lasting.ended()) {
                    // To its service, a call that it did not end itself was cancelled.
                    super.onCancel();
                } else {
                    super.onComplete();
                }
            }
        };
    }

    private static boolean lasts(MethodDescriptor<?, ?> method) {
        String service = method.getServiceName();
        if (method.getType() == MethodDescriptor.MethodType.UNARY) {
            return service != null && WAITING_SERVICES.contains(service);
        }
        return !WatchGrpc.SERVICE_NAME.equals(service);
    }

    /** Ends every call that is open with STOPPED, and from now on every new one. */
    void stop() {
        stopped = true;
        open.forEach(call -> call.end(EtcdError.STOPPED));
    }

    /** Ends every stream whose client wants a leader with NO_LEADER, so that it tries another member. */
    void leaderLost() {
        open.forEach(call -> {
            if (call.requiresLeader) {
                call.end(EtcdError.NO_LEADER);
            }
        });
    }

    /** A call that may be ended while its service still answers it; what the service says after that is lost. */
    private final class Lasting<Q, R> extends SimpleForwardingServerCall<Q, R> {
        private final boolean requiresLeader;
        private boolean closed;
        private boolean ended;

        Lasting(ServerCall<Q, R> call, boolean requiresLeader) {
            super(call);
            this.requiresLeader = requiresLeader;
        }

        synchronized void end(EtcdError reason) {
            if (!closed) {
                ended = true;
                close(reason.status(), new Metadata());
            }
        }

        synchronized boolean ended() {
            return ended;
        }

        @Override
        public boolean isCancelled() {
            return ended() || super.isCancelled();
        }

        @Override
        public synchronized void sendHeaders(Metadata headers) {
            if (!closed) {
                super.sendHeaders(headers);
            }
        }

        @Override
        public synchronized void sendMessage(R message) {
            if (!closed) {
                super.sendMessage(message);
            }
        }

        @Override
        public synchronized void close(Status status, Metadata trailers) {
            if (!closed) {
                closed = true;
                open.remove(this);
                super.close(status, trailers);
            }
        }
    }
}
