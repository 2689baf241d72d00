package io.keelson.apiserver.aggregation;

import io.keelson.apiserver.proxy.ProxyPath;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Filter;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.request.Termination;
import org.jspecify.annotations.Nullable;

/** Passes on what other API servers serve, behind this one; everything else goes its way. */
record AggregationFilter(ApiServices services) implements Filter {
    private static final String UNAVAILABLE = "service unavailable";

    @Override
    public ApiResponse filter(ApiRequest request, Handler next) throws InterruptedException {
        String name = nameOf(request.info().path());
        AggregatedServer server = name == null ? null : services.find(name);
        if (server == null) {
            return next.handle(request);
        }
        if (!services.isAvailable(server)) {
            return unavailable(request);
        }
        String target = ProxyPath.escape(request.info().path())
                + ProxyPath.query(request.query().raw());
        try {
            return server.caller().forward(request, request.user(), target, isLasting(request));
        } catch (UnavailableException e) {
            return unavailable(request);
        }
    }

    private static ApiResponse unavailable(ApiRequest request) {
        request.terminatedBy(Termination.AGGREGATOR);
        return RemoteCaller.unavailable(UNAVAILABLE);
    }

    /** Whether an answer may be long in coming, or go on for long. */
    private static boolean isLasting(ApiRequest request) {
        String verb = request.info().verb();
        return verb.equals("watch") || verb.equals("proxy") || request.headers().first("Upgrade") != null;
    }

    /** The name of the {@code APIService} that a path belongs to; null if it can belong to none. */
    static @Nullable String nameOf(String path) {
        String[] segments = path.split("/", 5);
        if (segments.length >= 4 && segments[1].equals("apis")) {
            return segments[3] + "." + segments[2];
        }
        return segments.length >= 3 && segments[1].equals("api") ? segments[2] + "." : null;
    }
}
