package io.keelson.raft.transport;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.keelson.raft.transport.proto.Frame;
import io.keelson.raft.transport.proto.Hello;
import io.keelson.raft.transport.proto.Request;
import io.keelson.raft.transport.proto.Response;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream on which another member asks this one. gRPC hands over one frame after the other and is asked for the next
 * only when the handler has returned, so that a sender cannot fill this member's memory.
 */
final class InboundStream implements StreamObserver<Frame> {
    private static final Logger log = LoggerFactory.getLogger(InboundStream.class);

    private final PeerTransport transport;
    private final ServerCallStreamObserver<Frame> out;
    private final @Nullable CallerOrigin origin;
    private volatile @Nullable Hello caller;
    private int unreadAnswers;
    private boolean ended;

    /** @param origin where the caller comes from, null if it may come from anywhere */
    InboundStream(PeerTransport transport, ServerCallStreamObserver<Frame> out, @Nullable CallerOrigin origin) {
        this.transport = transport;
        this.out = out;
        this.origin = origin;
        out.setOnCancelHandler(this::forget);
        out.disableAutoRequest();
        out.request(1);
    }

    @Override
    public void onNext(Frame frame) {
        if (caller != null) {
            transport.observer().received(caller.getMemberId(), frame.getSerializedSize());
        }
        switch (frame.getBodyCase()) {
            case HELLO -> {
                if (origin != null && origin.asksForNames() && caller == null) {
                    // Whoever knows the names may be slow, and an I/O thread serves all members.
                    transport.pool().execute(() -> {
                        greet(frame.getHello());
                        out.request(1);
                    });
                    return;
                }
                greet(frame.getHello());
            }
            case REQUEST -> serve(frame.getRequest());
            case RESPONSE, BODY_NOT_SET -> end(Status.INVALID_ARGUMENT.withDescription("unexpected frame"));
        }
        out.request(1);
    }

    private void greet(Hello hello) {
        Refusal refusal = caller != null ? Refusal.because("said hello twice") : transport.refusalOf(hello);
        if (refusal == null && origin != null) {
            refusal = origin.refusal();
        }
        if (refusal != null) {
            refuse(refusal);
            return;
        }
        caller = hello;
        transport.entered(this, hello.getMemberId());
        PeerIdentity self = transport.identity();
        send(Frame.newBuilder()
                .setHello(Hello.newBuilder()
                        .setClusterId(self.clusterId())
                        .setMemberId(self.memberId())
                        .setProtocolVersion(TransportLimits.PROTOCOL_VERSION))
                .build());
    }

    private void serve(Request request) {
        if (caller == null) {
            refuse(Refusal.because("asked before saying hello"));
            return;
        }
        if (over()) {
            // It was under way when the stream was ended.
            return;
        }
        Answer answer = new Answer(caller.getMemberId(), request);
        PeerHandler handler = transport.handler(request.getMethod(), caller.getMemberId());
        if (handler == null) {
            answer.refuse("no such method: " + request.getMethod());
            return;
        }
        try {
            handler.handle(answer);
        } catch (RuntimeException e) {
            log.error("{} asked by member {} failed", request.getMethod(), PeerIdentity.text(answer.from()), e);
            answer.refuse(request.getMethod() + " failed: " + e);
        }
    }

    @Override
    public void onError(Throwable error) {
        if (caller != null) {
            transport.observer().receiveFailed(caller.getMemberId());
        }
        forget();
    }

    @Override
    public void onCompleted() {
        end(Status.OK);
    }

    /** The member that asks here; 0 for a joiner, and before it has said who it is. */
    long callerId() {
        Hello known = caller;
        return known == null ? 0 : known.getMemberId();
    }

    void refuse(Refusal refusal) {
        endWith(refusal.toException());
    }

    void end(Status status) {
        endWith(status.isOk() ? null : status.asRuntimeException());
    }

    private void endWith(@Nullable StatusRuntimeException error) {
        forget();
        synchronized (this) {
            if (ended || out.isCancelled()) {
                return;
            }
            ended = true;
            if (error == null) {
                out.onCompleted();
            } else {
                out.onError(error);
            }
        }
    }

    private synchronized boolean over() {
        return ended;
    }

    private void forget() {
        transport.left(this);
    }

    private void send(Frame frame) {
        boolean slow = false;
        long to = caller == null ? 0 : caller.getMemberId();
        synchronized (this) {
            if (ended || out.isCancelled()) {
                return;
            }
            unreadAnswers = out.isReady() ? 0 : unreadAnswers + 1;
            if (unreadAnswers > TransportLimits.UNREAD_ANSWERS_MAX) {
                slow = true;
            } else {
                out.onNext(frame);
                transport.observer().sent(to, frame.getSerializedSize());
            }
        }
        if (slow) {
            end(Status.RESOURCE_EXHAUSTED.withDescription("answers are not read"));
        }
    }

    private final class Answer implements PeerRequest {
        private final long from;
        private final Request request;
        private final AtomicBoolean given = new AtomicBoolean();

        Answer(long from, Request request) {
            this.from = from;
            this.request = request;
        }

        @Override
        public long from() {
            return from;
        }

        @Override
        public ByteString payload() {
            return request.getPayload();
        }

        @Override
        public void respond(ByteString payload) {
            if (given.compareAndSet(false, true)) {
                send(Frame.newBuilder()
                        .setResponse(
                                Response.newBuilder().setId(request.getId()).setPayload(payload))
                        .build());
            }
        }

        @Override
        public void refuse(String why) {
            if (given.compareAndSet(false, true)) {
                send(Frame.newBuilder()
                        .setResponse(
                                Response.newBuilder().setId(request.getId()).setError(why.isEmpty() ? "refused" : why))
                        .build());
            }
        }
    }
}
