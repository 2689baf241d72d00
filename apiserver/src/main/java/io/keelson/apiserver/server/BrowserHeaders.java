package io.keelson.apiserver.server;

import com.google.re2j.Pattern;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Filter;
import io.keelson.apiserver.request.Handler;
import java.util.List;
import java.util.Map;

/**
 * Tells browsers that they may let pages of some origins use the API, and that they are to use TLS. Stands before it is found
 * out who asks: a browser that asks whether it may ask shows nothing.
 */
final class BrowserHeaders implements Filter {
    private final List<Pattern> origins;
    private final String transport;

    BrowserHeaders(BrowserSettings settings) {
        this.origins = settings.allowedOrigins().stream().map(Pattern::compile).toList();
        this.transport = String.join("; ", settings.transportDirectives());
    }

    @Override
    public ApiResponse filter(ApiRequest request, Handler next) throws InterruptedException {
        if (!transport.isEmpty()) {
            request.answerWith("Strict-Transport-Security", transport);
        }
        String origin = request.headers().first("Origin");
        if (origin == null || !isAllowed(origin)) {
            return next.handle(request);
        }
        request.answerWith("Access-Control-Allow-Origin", origin);
        request.answerWith("Access-Control-Allow-Methods", "POST, GET, OPTIONS, PUT, DELETE, PATCH");
        request.answerWith(
                "Access-Control-Allow-Headers",
                "Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With,"
                        + " If-Modified-Since");
        request.answerWith("Access-Control-Expose-Headers", "Date");
        request.answerWith("Access-Control-Allow-Credentials", "true");
        return request.method().equals("OPTIONS")
                ? new ApiResponse.Whole(204, Map.of(), List.of())
                : next.handle(request);
    }

    private boolean isAllowed(String origin) {
        return !origin.isEmpty()
                && origins.stream().anyMatch(one -> one.matcher(origin).find());
    }
}
