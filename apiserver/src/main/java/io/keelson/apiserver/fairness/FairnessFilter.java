package io.keelson.apiserver.fairness;

import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Filter;
import io.keelson.apiserver.request.Handler;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Has every request wait for its turn, once it is known who asks. A watch keeps its seats until it has sent what there was
 * when it began, which is as much work as a list, and no longer than a list could: for the time that requests have. So a
 * client that never reads does not keep them for as long as it likes. A watch of somebody else's, passed on to another
 * server, gives them back once it has begun; other requests that last take none.
 */
public final class FairnessFilter implements Filter {
    private static final String SCHEMA_HEADER = "X-Kubernetes-PF-FlowSchema-UID";
    private static final String LEVEL_HEADER = "X-Kubernetes-PF-PriorityLevel-UID";

    private final FlowControl control;
    private final WorkEstimator estimator;
    /** A request waits for at most this part of the time it has. */
    private static final int WAIT_PART = 4;

    private final Duration requestTimeout;

    /** @param requestTimeout the time of requests that have no limit of their own; all wait for a quarter of it at most */
    public FairnessFilter(FlowControl control, ObjectCounts counts, Duration requestTimeout) {
        this.control = control;
        this.estimator = new WorkEstimator(counts);
        this.requestTimeout = requestTimeout;
    }

    @Override
    public ApiResponse filter(ApiRequest request, Handler next) throws InterruptedException {
        if (request.info().lasts() && !request.info().verb().equals("watch")) {
            return next.handle(request);
        }
        FlowControl.Place place = control.place(request.user(), request.info());
        PriorityLevel level = place.level();
        request.answerWith(SCHEMA_HEADER, place.flow().schema().uid());
        request.answerWith(LEVEL_HEADER, level.configuration().uid());
        Work work = estimator.of(request, level);
        CurrentRequests.Kind kind = control.current().of(request.info().verb());
        return switch (take(request, place.flow(), level, work, kind)) {
            case PriorityLevel.Seat seat -> {
                Turn turn = new Turn(kind, seat);
                boolean goesOn = false;
                try {
                    ApiResponse response = next.handle(request);
                    goesOn = request.initialEvents().areExpected();
                    yield goesOn ? untilInitialEventsSent(request, response, turn) : response;
                } finally {
                    if (!goesOn) {
                        turn.end();
                    }
                }
            }
            case PriorityLevel.Refusal _ ->
                TooManyRequests.retryAfter(request, level.retryAfter().seconds());
        };
    }

    /** What a request takes from others while it is served. */
    private static final class Turn {
        private final CurrentRequests.Kind kind;
        private final PriorityLevel.Seat seat;
        private final AtomicBoolean over = new AtomicBoolean();

        Turn(CurrentRequests.Kind kind, PriorityLevel.Seat seat) {
            this.kind = kind;
            this.seat = seat;
            kind.executing().enter();
        }

        /** Any thread, any number of times. */
        void end() {
            if (!over.getAndSet(true)) {
                kind.executing().leave();
                seat.release();
            }
        }
    }

    /** The turn ends when all is sent that was there, when the answer ends before, or when its time is over. */
    private ApiResponse untilInitialEventsSent(ApiRequest request, ApiResponse response, Turn turn) {
        Runnable callOff = control.after(requestTimeout, turn::end);
        Runnable end = () -> {
            callOff.run();
            turn.end();
        };
        request.initialEvents().whenSent(end);
        return switch (response) {
            case ApiResponse.Whole whole -> {
                end.run();
                yield whole;
            }
            case ApiResponse.Streamed streamed ->
                new ApiResponse.Streamed(streamed.status(), streamed.headers(), out -> {
                    try {
                        streamed.writer().write(out);
                    } finally {
                        end.run();
                    }
                });
            case ApiResponse.Upgraded upgraded ->
                new ApiResponse.Upgraded(upgraded.headers(), (in, out) -> {
                    try {
                        upgraded.conversation().run(in, out);
                    } finally {
                        end.run();
                    }
                });
        };
    }

    private PriorityLevel.Outcome take(
            ApiRequest request, Flow flow, PriorityLevel level, Work work, CurrentRequests.Kind kind)
            throws InterruptedException {
        long waitNanosMax = request.timeLimit(requestTimeout).toNanos() / WAIT_PART;
        kind.waiting().enter();
        try {
            return level.take(flow, work, waitNanosMax, request::clientGone);
        } finally {
            kind.waiting().leave();
        }
    }
}
