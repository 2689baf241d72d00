package io.keelson.apiserver.fairness;

import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Filter;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.request.UserInfo;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Serves only so many requests at a time, and refuses others, whosever they are; administrators always get an answer. Those
 * that last are not counted.
 */
public final class InFlightFilter implements Filter {
    private static final Set<String> READS = Set.of("get", "list", "watch");
    private static final int RETRY_SECONDS = 1;

    private final @Nullable Semaphore reads;
    private final @Nullable Semaphore writes;

    /**
     * @param readsMax 0 for no limit
     * @param writesMax likewise
     */
    public InFlightFilter(int readsMax, int writesMax) {
        this.reads = readsMax == 0 ? null : new Semaphore(readsMax);
        this.writes = writesMax == 0 ? null : new Semaphore(writesMax);
    }

    @Override
    public ApiResponse filter(ApiRequest request, Handler next) throws InterruptedException {
        Semaphore free = READS.contains(request.info().verb()) ? reads : writes;
        if (free == null || request.info().lasts()) {
            return next.handle(request);
        }
        if (!free.tryAcquire()) {
            return request.user().in(UserInfo.MASTERS)
                    ? next.handle(request)
                    : TooManyRequests.retryAfter(request, RETRY_SECONDS);
        }
        try {
            return next.handle(request);
        } finally {
            free.release();
        }
    }
}
