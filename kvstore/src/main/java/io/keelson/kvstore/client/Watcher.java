package io.keelson.kvstore.client;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchGrpc;
import io.keelson.kvstore.api.WatchProgressRequest;
import io.keelson.kvstore.api.WatchRequest;
import io.keelson.kvstore.api.WatchResponse;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * One watch, resumed after the last event seen whenever its connection breaks. One thread takes; any thread may ask
 * for progress or close.
 *
 * <p>At most {@value #WINDOW} responses wait here; a slower taker makes the server wait, by HTTP/2 flow control.
 */
public final class Watcher implements AutoCloseable {
    private static final int WINDOW = 16;

    private final KvClient client;
    private final WatchCreateRequest request;
    private long nextRevision;
    private int failures;
    private @Nullable Stream stream;
    private volatile boolean closed;

    private Watcher(KvClient client, WatchCreateRequest request) {
        this.client = client;
        this.request = request;
        this.nextRevision = request.getStartRevision();
    }

    /** Starts watching; the connection is made by the first {@link #next()}, or by {@link #connect()}. */
    public static Watcher open(KvClient client, WatchCreateRequest request) {
        return new Watcher(client, request);
    }

    /** Sends the watch to the server, if that has not happened yet. */
    public synchronized Watcher connect() {
        if (stream == null && !closed) {
            Stream opened = new Stream();
            opened.call = client.channelForStream(null)
                    .newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT.withWaitForReady());
            opened.call.start(opened, new Metadata());
            opened.call.request(WINDOW);
            opened.call.sendMessage(WatchRequest.newBuilder()
                    .setCreateRequest(request.toBuilder().setStartRevision(nextRevision))
                    .build());
            stream = opened;
        }
        return this;
    }

    /**
     * The next response: events, progress, or the server's cancellation, after which there are no more.
     *
     * @throws io.grpc.StatusRuntimeException when the watch ended for a reason that trying again does not heal
     */
    public WatchResponse next() throws InterruptedException {
        while (true) {
            connect();
            Stream from = stream;
            if (from == null) {
                throw Status.CANCELLED.withDescription("closed").asRuntimeException();
            }
            Object arrived = from.arrived.take();
            if (arrived instanceof WatchResponse response) {
                from.call().request(1);
                if (response.getCreated() && !response.getCanceled()) {
                    failures = 0;
                    if (nextRevision == 0) {
                        nextRevision = response.getHeader().getRevision() + 1;
                    }
                    continue;
                }
                int events = response.getEventsCount();
                if (events > 0) {
                    nextRevision = response.getEvents(events - 1).getKv().getModRevision() + 1;
                }
                return response;
            }
            reopenAfter((Status) arrived);
        }
    }

    /** Asks the server to say how far this watch has come, once it is connected. */
    public void requestProgress() {
        connect();
        Stream to = stream;
        if (to != null) {
            to.call()
                    .sendMessage(WatchRequest.newBuilder()
                            .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                            .build());
        }
    }

    private void reopenAfter(Status status) {
        synchronized (this) {
            stream = null;
        }
        if (closed) {
            throw Status.CANCELLED.withDescription("closed").asRuntimeException();
        }
        boolean again = KvClient.isLost(status) || status.getCode() == Status.Code.INTERNAL || status.isOk();
        if (!again && !client.renewedToken(status, null)) {
            throw status.asRuntimeException();
        }
        client.turnToNextEndpoint();
        KvClient.pause(failures++, null);
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (stream != null) {
            stream.call().cancel("closed", null);
        }
    }

    /** What one connection delivered: responses, and at its end its status. */
    private static final class Stream extends ClientCall.Listener<WatchResponse> {
        private final LinkedBlockingQueue<Object> arrived = new LinkedBlockingQueue<>(WINDOW + 1);
        private @Nullable ClientCall<WatchRequest, WatchResponse> call;

        ClientCall<WatchRequest, WatchResponse> call() {
            if (call == null) {
                throw new IllegalStateException("not started");
            }
            return call;
        }

        @Override
        public void onMessage(WatchResponse message) {
            arrived.add(message);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            arrived.add(status);
        }
    }
}
