package io.keelson.apiserver.fairness;

import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Filter;
import io.keelson.apiserver.request.Handler;
import java.time.Duration;

/**
 * Has every request wait for its turn, once it is known who asks. A watch gives its seats back as soon as it has begun, so
 * what it sends first is not counted; nor are requests that last in other ways.
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
                kind.executing().enter();
                try {
                    yield next.handle(request);
                } finally {
                    kind.executing().leave();
                    seat.release();
                }
            }
            case PriorityLevel.Refusal _ ->
                TooManyRequests.retryAfter(level.retryAfter().seconds());
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
