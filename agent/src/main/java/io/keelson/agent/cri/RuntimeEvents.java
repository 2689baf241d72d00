package io.keelson.agent.cri;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.keelson.agent.wire.cri.ContainerEventResponse;
import io.keelson.agent.wire.cri.GetEventsRequest;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runtime's own word that something changed. The stream is opened again when it ends; a runtime that has none is
 * asked again now and then, as it may be replaced by a newer one. What an event says is not used but for whom it
 * concerns: who gets it looks for himself, so that events which come late or out of order do no harm.
 */
final class RuntimeEvents implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RuntimeEvents.class);
    private static final Duration AFTER_LOSS = Duration.ofSeconds(1);
    private static final Duration AFTER_REFUSAL = Duration.ofMinutes(5);
    /** A stream says nothing until something happens; one that lives for so long was not refused. */
    private static final Duration SETTLED = Duration.ofSeconds(2);

    private final RuntimeConnection connection;
    private final Time time;
    private final Consumer<ContainerEventResponse> receiver;
    private final Runnable lost;

    /** The present stream; null between two. */
    private @Nullable Stream stream;

    private boolean closed;
    /** Whether it was told that there are none, and nothing has changed since. */
    private boolean told;

    /**
     * @param receiver gets events, on the thread of the channel, and must be quick
     * @param lost is told when some may have been missed
     */
    RuntimeEvents(RuntimeConnection connection, Time time, Consumer<ContainerEventResponse> receiver, Runnable lost) {
        this.connection = connection;
        this.time = time;
        this.receiver = receiver;
        this.lost = lost;
    }

    /** Opens the stream, if there is none. */
    void open() {
        Stream opened;
        synchronized (this) {
            if (closed || stream != null) {
                return;
            }
            opened = new Stream(time.steady());
            stream = opened;
        }
        connection.events().getContainerEvents(GetEventsRequest.getDefaultInstance(), opened);
    }

    /** Whether what changes is told: there is a stream, and the runtime did not refuse it. */
    synchronized boolean flowing() {
        return stream != null && Duration.between(stream.opened, time.steady()).compareTo(SETTLED) >= 0;
    }

    private void ended(Stream which, Throwable cause) {
        boolean refused =
                cause instanceof StatusRuntimeException e && e.getStatus().getCode() == Status.Code.UNIMPLEMENTED;
        boolean isNews;
        synchronized (this) {
            if (stream != which) {
                return;
            }
            boolean flowed = flowing();
            stream = null;
            if (closed) {
                return;
            }
            isNews = flowed || !told;
            told = true;
        }
        if (!isNews) {
            LOG.debug("still no events of the container runtime: {}", cause.getMessage());
        } else if (refused) {
            LOG.info("The container runtime gives no events: it is asked what it has every second");
        } else {
            LOG.warn("The container runtime's events ended: {}", cause.getMessage());
        }
        lost.run();
        time.after(refused ? AFTER_REFUSAL : AFTER_LOSS, this::open);
    }

    private final class Stream implements ClientResponseObserver<GetEventsRequest, ContainerEventResponse> {
        private final Instant opened;
        private @Nullable ClientCallStreamObserver<GetEventsRequest> call;

        private Stream(Instant opened) {
            this.opened = opened;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<GetEventsRequest> sender) {
            call = sender;
        }

        @Override
        public void onNext(ContainerEventResponse event) {
            receiver.accept(event);
        }

        @Override
        public void onError(Throwable cause) {
            ended(this, cause);
        }

        @Override
        public void onCompleted() {
            ended(
                    this,
                    Status.UNAVAILABLE
                            .withDescription("the runtime closed them")
                            .asRuntimeException());
        }

        private void cancel() {
            if (call != null) {
                call.cancel("the agent ends", null);
            }
        }
    }

    @Override
    public void close() {
        Stream open;
        synchronized (this) {
            closed = true;
            open = stream;
        }
        if (open != null) {
            open.cancel();
        }
    }
}
