package io.keelson.kvstore.auth;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.keelson.kvstore.server.Failures;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for the listener of a call that is held back, and passes on to it what has come meanwhile. That is little: no
 * message is read from the wire until the real listener asks for one.
 */
final class DelayedListener<Q> extends ServerCall.Listener<Q> {
    private ServerCall.@Nullable Listener<Q> real;
    private final List<Consumer<ServerCall.Listener<Q>>> missed = new ArrayList<>();
    private boolean closed;

    /** Passes everything on from now on. The lock keeps events in order; listeners do not call back. */
    synchronized void become(ServerCall.Listener<Q> listener) {
        real = listener;
        missed.forEach(event -> event.accept(listener));
        missed.clear();
    }

    /** Ends the call because it could not begin. */
    synchronized void close(ServerCall<?, ?> call, Throwable failure) {
        if (real == null && !closed) {
            closed = true;
            missed.clear();
            call.close(Failures.status(failure), new Metadata());
        }
    }

    private synchronized void pass(Consumer<ServerCall.Listener<Q>> event) {
        if (real != null) {
            event.accept(real);
        } else if (!closed) {
            missed.add(event);
        }
    }

    @Override
    public void onMessage(Q message) {
        pass(listener -> listener.onMessage(message));
    }

    @Override
    public void onHalfClose() {
        pass(ServerCall.Listener::onHalfClose);
    }

    @Override
    public void onCancel() {
        pass(ServerCall.Listener::onCancel);
    }

    @Override
    public void onComplete() {
        pass(ServerCall.Listener::onComplete);
    }

    @Override
    public void onReady() {
        pass(ServerCall.Listener::onReady);
    }
}
