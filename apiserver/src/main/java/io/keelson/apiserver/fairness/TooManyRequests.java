package io.keelson.apiserver.fairness;

import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Termination;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The answer to a request that cannot be served now. It is text and no {@code Status}, as clients know it. */
final class TooManyRequests {
    private static final byte[] TEXT = "Too many requests, please try again later.\n".getBytes(StandardCharsets.UTF_8);

    private TooManyRequests() {}

    static ApiResponse retryAfter(ApiRequest request, int seconds) {
        request.terminatedBy(Termination.APISERVER);
        return new ApiResponse.Whole(
                429,
                Map.of(
                        "Content-Type",
                        "text/plain; charset=utf-8",
                        "X-Content-Type-Options",
                        "nosniff",
                        "Retry-After",
                        Integer.toString(seconds)),
                List.of(ByteBuffer.wrap(TEXT)));
    }
}
