package io.keelson.kvstore.watch;

import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchRequest;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One client's stream of watches, whatever carries it: gRPC, or a caller in this process. Methods may be called by any
 * thread and return at once; they are carried out in the order of the calls, and answered through the stream's {@link
 * WatchReceiver}.
 *
 * <p>At most {@link #REQUESTS_WAITING_MAX} requests wait to be carried out; a further one is refused with {@link
 * EtcdError#TOO_MANY_REQUESTS}. A transport that sends a request only after {@link WatchReceiver#next} never gets there.
 */
public final class WatchStream {
    /** Requests of one stream that may wait for the dispatcher. */
    public static final int REQUESTS_WAITING_MAX = 1024;

    private final Dispatcher dispatcher;
    private final StreamState state;
    private final AtomicInteger requestsWaiting = new AtomicInteger();
    private final AtomicBoolean readyWaiting = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();

    WatchStream(Dispatcher dispatcher, StreamState state) {
        this.dispatcher = dispatcher;
        this.state = state;
    }

    /**
     * Carries out a request of the protocol.
     *
     * @throws EtcdException TOO_MANY_REQUESTS
     */
    public void handle(WatchRequest request) {
        switch (request.getRequestUnionCase()) {
            case CREATE_REQUEST -> create(request.getCreateRequest());
            case CANCEL_REQUEST -> cancel(request.getCancelRequest().getWatchId());
            case PROGRESS_REQUEST -> requestProgress();
            case REQUESTUNION_NOT_SET -> request(new DispatchCommand.Nothing(this));
        }
    }

    /**
     * Creates a watch. The answer has {@code created} set and the watch's id; if the watch is refused, {@code canceled} is
     * set too, the id is -1 and {@code cancel_reason} says why.
     *
     * @throws EtcdException TOO_MANY_REQUESTS
     */
    public void create(WatchCreateRequest request) {
        request(new DispatchCommand.Create(this, request));
    }

    /**
     * Ends a watch. The answer has {@code canceled} set and is the last one for that watch. An id that is not in use gets no
     * answer.
     *
     * @throws EtcdException TOO_MANY_REQUESTS
     */
    public void cancel(long watchId) {
        request(new DispatchCommand.Cancel(this, watchId));
    }

    /**
     * Asks for a response with id -1 whose revision all watches of the stream have reached. It comes once they all have;
     * requests made meanwhile share it. A stream without watches gets none.
     *
     * @throws EtcdException TOO_MANY_REQUESTS
     */
    public void requestProgress() {
        request(new DispatchCommand.Progress(this));
    }

    /** Says that the receiver is ready again. */
    public void ready() {
        if (readyWaiting.compareAndSet(false, true)) {
            dispatcher.post(new DispatchCommand.Ready(this));
        }
    }

    /** Ends the stream and all its watches. The receiver hears nothing of it, and soon nothing at all. */
    public void close() {
        if (closed.compareAndSet(false, true)) {
            dispatcher.post(new DispatchCommand.Close(this));
        }
    }

    private void request(DispatchCommand command) {
        if (requestsWaiting.incrementAndGet() > REQUESTS_WAITING_MAX) {
            requestsWaiting.decrementAndGet();
            throw EtcdError.TOO_MANY_REQUESTS.exception();
        }
        dispatcher.post(command);
    }

    StreamState state() {
        return state;
    }

    /** The dispatcher took a request from the queue. */
    void requestTaken() {
        requestsWaiting.decrementAndGet();
    }

    /** The dispatcher took the word that the receiver is ready; a later one is queued again. */
    void readyTaken() {
        readyWaiting.set(false);
    }
}
