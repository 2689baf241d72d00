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
    private final long waitNanosMax;

    /** @param waitMax how long a request waits at most */
    public FairnessFilter(FlowControl control, ObjectCounts counts, Duration waitMax) {
        this.control = control;
        this.estimator = new WorkEstimator(counts);
        this.waitNanosMax = waitMax.toNanos();
    }

    @Override
    public ApiResponse filter(ApiRequest request, Handler next) throws InterruptedException {
        if (LongRunning.is(request.info()) && !LongRunning.isWatch(request.info())) {
            return next.handle(request);
        }
        FlowControl.Place place = control.place(request.user(), request.info());
        PriorityLevel level = place.level();
        request.answerWith(SCHEMA_HEADER, place.flow().schema().uid());
        request.answerWith(LEVEL_HEADER, level.configuration().uid());
        Work work = estimator.of(request, level);
        return switch (level.take(place.flow(), work, waitNanosMax, request::clientGone)) {
            case PriorityLevel.Seat seat -> {
                try {
                    yield next.handle(request);
                } finally {
                    seat.release();
                }
            }
            case PriorityLevel.Refusal _ ->
                TooManyRequests.retryAfter(level.retryAfter().seconds());
        };
    }
}
