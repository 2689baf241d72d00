package io.keelson.raft.transport;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.keelson.raft.RaftObserver;
import io.keelson.raft.transport.PeerReply.Failure;
import io.keelson.raft.transport.proto.Frame;
import io.keelson.raft.transport.proto.Hello;
import io.keelson.raft.transport.proto.PeerGrpc;
import io.keelson.raft.transport.proto.Request;
import io.keelson.raft.transport.proto.Response;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream on which this member asks one other member. It connects when there is something to send, goes through the
 * other's URLs in turn, and pauses between attempts; requests made during a pause fail at once as not sent. Requests
 * reach the other side in the order in which they were sent here.
 *
 * <p>Bounds: see {@link TransportLimits#UNANSWERED_REQUESTS_MAX} and {@link TransportLimits#UNANSWERED_BYTES_MAX}; what
 * goes over them fails as not sent.
 */
final class PeerLink {
    private static final Logger log = LoggerFactory.getLogger(PeerLink.class);

    private record Unanswered(PeerReply reply, int payloadBytes, long deadlineNanos) {}

    private final PeerIdentity self;
    private final long memberId;
    private final PeerChannels channels;
    private final Executor callbacks;
    private final RaftObserver observer;
    private final LongConsumer connected;
    private final LongConsumer removed;

    private List<String> urls;
    private int nextUrl;
    private @Nullable Stream stream;
    private long retryAtNanos = System.nanoTime();
    private int attemptsFailed;
    private String lastError = "not connected yet";
    private String lastLogged = "";
    private boolean closed;

    /**
     * Does not connect yet.
     *
     * @param connected hears the other member's id when it has accepted a stream; must not block
     * @param removed hears it when the other has said that this member was removed from the cluster; must not block
     */
    PeerLink(
            PeerIdentity self,
            long memberId,
            List<String> urls,
            PeerChannels channels,
            Executor callbacks,
            RaftObserver observer,
            LongConsumer connected,
            LongConsumer removed) {
        this.self = self;
        this.memberId = memberId;
        this.urls = urls;
        this.channels = channels;
        this.callbacks = callbacks;
        this.observer = observer;
        this.connected = connected;
        this.removed = removed;
    }

    /** Sends a request, or gives it back as {@link Failure#NOT_SENT}. */
    void send(String method, ByteString payload, int timeoutMs, PeerReply reply) {
        String refusal;
        synchronized (this) {
            Stream open = openStream();
            refusal = open == null ? lastError : open.send(method, payload, timeoutMs, reply);
        }
        if (refusal != null) {
            observer.sendFailed(memberId);
            callbacks.execute(() -> reply.failed(Failure.NOT_SENT, refusal));
        }
    }

    /** Replaces the addresses; a stream that uses one which is gone is left. */
    void updateUrls(List<String> newUrls) {
        Stream left = null;
        synchronized (this) {
            if (urls.equals(newUrls)) {
                return;
            }
            urls = newUrls;
            nextUrl = 0;
            retryAtNanos = System.nanoTime();
            if (stream != null && !newUrls.contains(stream.url)) {
                left = stream;
            }
        }
        if (left != null) {
            left.leave("the member's address has changed");
        }
    }

    /** The other member was heard of: a pause between attempts ends. */
    synchronized void heardOf() {
        if (stream == null) {
            retryAtNanos = System.nanoTime();
        }
    }

    /** Fails requests whose time is over, and leaves a stream on which nothing comes back any more. */
    void expire(long nowNanos) {
        Stream open;
        synchronized (this) {
            open = stream;
        }
        if (open != null) {
            open.expire(nowNanos);
        }
    }

    /** Ends the connection; waits a moment for gRPC to have done with it, before its threads are taken away. */
    void close() {
        Stream open;
        synchronized (this) {
            closed = true;
            lastError = "this member is closing";
            open = stream;
        }
        if (open != null) {
            open.leave("this member is closing");
            open.awaitEnd();
        }
    }

    private @Nullable Stream openStream() {
        if (stream != null || closed || System.nanoTime() - retryAtNanos < 0) {
            return stream;
        }
        if (urls.isEmpty()) {
            lastError = "no URL of member " + PeerIdentity.text(memberId) + " is known";
            return null;
        }
        String url = urls.get(nextUrl++ % urls.size());
        try {
            stream = new Stream(url, channels.open(PeerAddress.parse(url)));
            stream.open();
        } catch (IOException | IllegalArgumentException e) {
            stream = null;
            attemptFailed(url + ": " + e.getMessage());
        }
        return stream;
    }

    /** Called with the lock held. */
    private void attemptFailed(String why) {
        lastError = "member " + PeerIdentity.text(memberId) + " cannot be reached: " + why;
        long pauseMs = Math.min(
                TransportLimits.RECONNECT_MAX_MS,
                (long) TransportLimits.RECONNECT_MIN_MS << Math.min(attemptsFailed, 10));
        attemptsFailed++;
        retryAtNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pauseMs);
        if (!closed && !lastError.equals(lastLogged)) {
            log.warn("{}", lastError);
            lastLogged = lastError;
        }
    }

    /** One connection. Its fields are guarded by the link, except where said otherwise. */
    private final class Stream implements ClientResponseObserver<Frame, Frame> {
        private final String url;
        private final ManagedChannel channel;
        private final Map<Long, Unanswered> unanswered = new LinkedHashMap<>();
        private final long openedNanos = System.nanoTime();
        private @Nullable ClientCallStreamObserver<Frame> out;
        private long unansweredBytes;
        private long nextId = 1;
        private boolean welcomed;
        private boolean over;

        /** Written by the receiving thread alone. */
        private volatile long heardNanos = openedNanos;

        Stream(String url, ManagedChannel channel) {
            this.url = url;
            this.channel = channel;
        }

        void open() {
            // Whoever sends first may be at work on a call of another member or of a client, whose end would end this
            // one.
            Context caller = Context.ROOT.attach();
            try {
                ClientCalls.asyncBidiStreamingCall(
                        channel.newCall(PeerGrpc.getConnectMethod(), CallOptions.DEFAULT), this);
            } finally {
                Context.ROOT.detach(caller);
            }
            out().onNext(Frame.newBuilder()
                    .setHello(Hello.newBuilder()
                            .setClusterId(self.clusterId())
                            .setMemberId(self.memberId())
                            .setExpectedMemberId(memberId)
                            .setProtocolVersion(TransportLimits.PROTOCOL_VERSION))
                    .build());
        }

        private ClientCallStreamObserver<Frame> out() {
            if (out == null) {
                throw new IllegalStateException("the call has not been started");
            }
            return out;
        }

        /** Returns why the request was not taken, or null. */
        @Nullable
        String send(String method, ByteString payload, int timeoutMs, PeerReply reply) {
            if (over) {
                return lastError;
            }
            if (unanswered.size() >= TransportLimits.UNANSWERED_REQUESTS_MAX
                    || (unansweredBytes > 0
                            && unansweredBytes + payload.size() > TransportLimits.UNANSWERED_BYTES_MAX)) {
                return "too many requests to member " + PeerIdentity.text(memberId) + " are unanswered";
            }
            long id = nextId++;
            unanswered.put(
                    id,
                    new Unanswered(
                            reply, payload.size(), System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs)));
            unansweredBytes += payload.size();
            Frame frame = Frame.newBuilder()
                    .setRequest(Request.newBuilder().setId(id).setMethod(method).setPayload(payload))
                    .build();
            out().onNext(frame);
            observer.sent(memberId, frame.getSerializedSize());
            return null;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<Frame> stream) {
            out = stream;
        }

        @Override
        public void onNext(Frame frame) {
            heardNanos = System.nanoTime();
            observer.received(memberId, frame.getSerializedSize());
            switch (frame.getBodyCase()) {
                case HELLO -> welcome(frame.getHello());
                case RESPONSE -> answer(frame.getResponse());
                case REQUEST, BODY_NOT_SET -> leave("the other side does not speak this protocol");
            }
        }

        private void welcome(Hello hello) {
            if (hello.getMemberId() != memberId || hello.getClusterId() != self.clusterId()) {
                leave("member " + PeerIdentity.text(hello.getMemberId()) + " of cluster "
                        + PeerIdentity.text(hello.getClusterId()) + " answered");
                return;
            }
            synchronized (PeerLink.this) {
                welcomed = true;
                attemptsFailed = 0;
                if (!lastLogged.isEmpty()) {
                    log.info("member {} is reached again at {}", PeerIdentity.text(memberId), url);
                    lastLogged = "";
                }
            }
            observer.connected(memberId);
            connected.accept(memberId);
        }

        private void answer(Response response) {
            Unanswered request;
            synchronized (PeerLink.this) {
                request = unanswered.remove(response.getId());
                if (request != null) {
                    unansweredBytes -= request.payloadBytes();
                }
            }
            if (request == null) {
                // Its time was over already.
                return;
            }
            if (response.getError().isEmpty()) {
                request.reply().answered(response.getPayload());
            } else {
                request.reply().failed(Failure.REFUSED, response.getError());
            }
        }

        @Override
        public void onError(Throwable error) {
            Status status = Status.fromThrowable(error);
            if (Refusal.saysRemoved(error)) {
                removed.accept(memberId);
            }
            ended(url + ": " + describe(status));
        }

        @Override
        public void onCompleted() {
            ended(url + ": the other side ended the stream");
        }

        private void ended(String why) {
            List<Unanswered> lost;
            boolean wasThere;
            synchronized (PeerLink.this) {
                wasThere = welcomed;
                welcomed = false;
                if (!over) {
                    over = true;
                    if (stream == this) {
                        stream = null;
                        attemptFailed(why);
                    }
                }
                lost = new ArrayList<>(unanswered.values());
                unanswered.clear();
                unansweredBytes = 0;
            }
            if (wasThere) {
                observer.disconnected(memberId);
            }
            channel.shutdownNow();
            for (Unanswered request : lost) {
                observer.sendFailed(memberId);
                request.reply().failed(Failure.LOST, why);
            }
        }

        void leave(String why) {
            synchronized (PeerLink.this) {
                if (over) {
                    return;
                }
                over = true;
                if (stream == this) {
                    stream = null;
                    attemptFailed(url + ": " + why);
                }
                out().cancel(why, null);
            }
            // What is unanswered is failed when gRPC reports the end, on its own thread.
        }

        void awaitEnd() {
            channel.shutdown();
            try {
                if (!channel.awaitTermination(1, TimeUnit.SECONDS)) {
                    log.warn("the connection to {} takes its time to end", url);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void expire(long nowNanos) {
            List<Unanswered> late = new ArrayList<>();
            boolean silent;
            synchronized (PeerLink.this) {
                for (var entries = unanswered.entrySet().iterator(); entries.hasNext(); ) {
                    Unanswered request = entries.next().getValue();
                    if (nowNanos - request.deadlineNanos() >= 0) {
                        late.add(request);
                        unansweredBytes -= request.payloadBytes();
                        entries.remove();
                    }
                }
                long silentMs = TimeUnit.NANOSECONDS.toMillis(nowNanos - heardNanos);
                silent = welcomed
                        ? !late.isEmpty() && silentMs > TransportLimits.SILENCE_MS
                        : nowNanos - openedNanos > TimeUnit.MILLISECONDS.toNanos(TransportLimits.HELLO_TIMEOUT_MS);
            }
            for (Unanswered request : late) {
                callbacks.execute(() -> request.reply().failed(Failure.TIMED_OUT, "no answer in time from " + url));
            }
            if (silent) {
                leave("nothing was heard any more");
            }
        }
    }

    static String describe(Status status) {
        StringBuilder text = new StringBuilder();
        text.append(status.getDescription() == null ? status.getCode().name() : status.getDescription());
        Throwable cause = status.getCause();
        while (cause != null) {
            if (cause.getMessage() != null) {
                text.append(": ").append(cause.getMessage());
            }
            cause = cause.getCause();
        }
        return text.toString();
    }
}
