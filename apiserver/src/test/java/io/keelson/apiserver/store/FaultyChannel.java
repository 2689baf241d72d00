package io.keelson.apiserver.store;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A channel to a store whose connection breaks when a test says so. */
public final class FaultyChannel extends Channel {
    private final Channel channel;
    private final Set<Broken<?, ?>> open = ConcurrentHashMap.newKeySet();
    private final Queue<Status> refusals = new ConcurrentLinkedQueue<>();
    private final Queue<Status> lostAnswers = new ConcurrentLinkedQueue<>();
    private final AtomicInteger calls = new AtomicInteger();
    private volatile String lostMethod = "";
    private volatile boolean away;

    public FaultyChannel(Channel channel) {
        this.channel = channel;
    }

    /** All calls under way end as if the connection had been cut. */
    public void cut() {
        open.forEach(Broken::cut);
    }

    /** While away, every call fails at once, and those under way are cut. */
    public void away(boolean nowAway) {
        away = nowAway;
        if (nowAway) {
            cut();
        }
    }

    /** The next call is refused with this before it reaches the store. */
    void refuse(Status status) {
        refusals.add(status);
    }

    /** The next call of a method is carried out, but its answer is lost. */
    void loseAnswer(MethodDescriptor<?, ?> method, Status status) {
        lostMethod = method.getFullMethodName();
        lostAnswers.add(status);
    }

    /** How many calls were begun. */
    int calls() {
        return calls.get();
    }

    @Override
    public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
        calls.incrementAndGet();
        Status refusal = away ? Status.UNAVAILABLE.withDescription("away") : refusals.poll();
        Status lost = method.getFullMethodName().equals(lostMethod) ? lostAnswers.poll() : null;
        return refusal != null ? new Refused<>(refusal) : new Broken<>(channel.newCall(method, options), lost);
    }

    @Override
    public String authority() {
        return channel.authority();
    }

    private final class Broken<Q, R> extends SimpleForwardingClientCall<Q, R> {
        private final @Nullable Status lost;
        private boolean cut;

        Broken(ClientCall<Q, R> call, @Nullable Status lost) {
            super(call);
            this.lost = lost;
        }

        @Override
        public synchronized void start(Listener<R> listener, Metadata headers) {
            open.add(this);
            super.start(
                    new SimpleForwardingClientCallListener<>(listener) {
                        @Override
                        public void onMessage(R message) {
                            if (lost == null) {
                                super.onMessage(message);
                            }
                        }

                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            open.remove(Broken.this);
                            boolean wasCut =
                                    status.getCode() == Status.Code.CANCELLED && "cut".equals(status.getDescription());
                            Status told =
                                    lost != null ? lost : wasCut ? Status.UNAVAILABLE.withDescription("cut") : status;
                            super.onClose(told, trailers);
                        }
                    },
                    headers);
            if (away) {
                cut();
            }
        }

        /** Once it has begun; unlike one that its own side gives up, it may still be spoken into. */
        synchronized void cut() {
            cut = true;
            cancel("cut", null);
        }

        @Override
        public synchronized void sendMessage(Q message) {
            if (!cut) {
                super.sendMessage(message);
            }
        }

        @Override
        public synchronized void halfClose() {
            if (!cut) {
                super.halfClose();
            }
        }
    }

    private static final class Refused<Q, R> extends ClientCall<Q, R> {
        private final Status status;

        Refused(Status status) {
            this.status = status;
        }

        @Override
        public void start(Listener<R> listener, Metadata headers) {
            listener.onClose(status, new Metadata());
        }

        @Override
        public void request(int numMessages) {}

        @Override
        public void cancel(@Nullable String message, @Nullable Throwable cause) {}

        @Override
        public void halfClose() {}

        @Override
        public void sendMessage(Q message) {}
    }
}
