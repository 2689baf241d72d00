package io.keelson.apiserver.store;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.keelson.kvstore.api.WatchCancelRequest;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchGrpc;
import io.keelson.kvstore.api.WatchProgressRequest;
import io.keelson.kvstore.api.WatchRequest;
import io.keelson.kvstore.api.WatchResponse;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One stream to the store with many watches on it, told apart by ids that are chosen here. What arrives is handed to the
 * watch's {@link WatchDelivery}, which never blocks; so the thread that reads the stream is never held up.
 *
 * <p>Sending has a lock of its own that receiving never takes: in one process, sending can run the store's code, which may
 * be waiting to hand over a response here.
 */
final class WatchStream extends ClientCall.Listener<WatchResponse> {
    private static final int MESSAGES_AHEAD = 64;
    /** The id in a progress report that is about all watches of the stream. */
    private static final long ALL = -1;
    /** A store that has a watch to catch up on leaves a request for progress unanswered; then it is asked again. */
    private static final long PROGRESS_ANSWER_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    /** Ends the stream when its member has lost touch with the leader, so that another member is tried. */
    private static final Metadata.Key<String> HAS_LEADER =
            Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

    private final ClientCall<WatchRequest, WatchResponse> call;
    private final ConcurrentMap<Long, WatchDelivery.Attachment> watches = new ConcurrentHashMap<>();
    private final AtomicLong lastId = new AtomicLong();
    private final ReentrantLock sending = new ReentrantLock();
    private volatile @Nullable Status broken;

    private final AtomicLong progressAsked = new AtomicLong();
    private final AtomicBoolean progressWantedAgain = new AtomicBoolean();

    private WatchStream(Channel channel) {
        this.call = channel.newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
    }

    static WatchStream open(Channel channel) {
        WatchStream stream = new WatchStream(channel);
        Metadata headers = new Metadata();
        headers.put(HAS_LEADER, "true");
        stream.call.start(stream, headers);
        stream.call.request(MESSAGES_AHEAD);
        return stream;
    }

    int size() {
        return watches.size();
    }

    boolean broken() {
        return broken != null;
    }

    /** Begins to watch; what comes, and the stream's end, go to the attachment. */
    void create(WatchDelivery.Attachment attachment, ByteString from, ByteString end, long revision) {
        long id = lastId.incrementAndGet();
        attachment.placed(this, id);
        watches.put(id, attachment);
        send(WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder()
                        .setWatchId(id)
                        .setKey(from)
                        .setRangeEnd(end)
                        .setStartRevision(revision)
                        .setProgressNotify(true))
                .build());
        // It may have broken before the watch was there to be told.
        Status status = broken;
        if (status != null && watches.remove(id) != null) {
            attachment.broken(status);
        }
    }

    /** Ends a watch; nothing of it comes any more. */
    void cancel(long id) {
        if (watches.remove(id) != null) {
            send(WatchRequest.newBuilder()
                    .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(id))
                    .build());
        }
    }

    /**
     * Asks how far the watches of this stream are. While an answer is awaited, further wishes become one request, which is
     * made after it: an answer counts only for who asked before.
     */
    void requestProgress() {
        long now = System.nanoTime() | 1;
        long asked = progressAsked.get();
        if (asked != 0 && now - asked < PROGRESS_ANSWER_NANOS) {
            progressWantedAgain.set(true);
            // The answer may have come in between, and then nobody would look at the wish.
            if (progressAsked.get() != 0 || !progressWantedAgain.compareAndSet(true, false)) {
                return;
            }
        }
        askForProgress(now);
    }

    private void askForProgress(long now) {
        progressAsked.set(now);
        send(WatchRequest.newBuilder()
                .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                .build());
    }

    private void send(WatchRequest request) {
        sending.lock();
        try {
            if (broken == null) {
                call.sendMessage(request);
            }
        } catch (IllegalStateException e) {
            // The call ended a moment ago; onClose says why.
            if (broken == null) {
                call.cancel("the stream cannot be written to", e);
            }
        } finally {
            sending.unlock();
        }
    }

    @Override
    public void onMessage(WatchResponse response) {
        call.request(1);
        long id = response.getWatchId();
        if (id == ALL) {
            progressed(response);
            return;
        }
        WatchDelivery.Attachment attachment = watches.get(id);
        if (attachment == null) {
            return;
        }
        if (response.getCanceled()) {
            watches.remove(id);
        }
        attachment.received(response);
    }

    private void progressed(WatchResponse response) {
        watches.values().forEach(attachment -> attachment.received(response));
        progressAsked.set(0);
        if (progressWantedAgain.compareAndSet(true, false)) {
            askForProgress(System.nanoTime() | 1);
        }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        Status end = status.isOk() ? Status.UNAVAILABLE.withDescription("the store ended the stream") : status;
        broken = end;
        for (Long id : watches.keySet()) {
            WatchDelivery.Attachment attachment = watches.remove(id);
            if (attachment != null) {
                attachment.broken(end);
            }
        }
    }

    /** Ends all its watches. */
    void close() {
        call.cancel("closed", null);
    }
}
