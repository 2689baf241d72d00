package io.keelson.apiserver.metrics;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Handler;
import io.keelson.kvstore.metrics.Metrics;
import java.nio.charset.StandardCharsets;

/** Answers {@code /metrics}, in the text format of Prometheus, version 0.0.4. */
public record MetricsHandler(Metrics metrics) implements Handler {
    @Override
    public ApiResponse handle(ApiRequest request) {
        if (!request.info().path().equals("/metrics")) {
            throw ApiException.noSuchResource();
        }
        return ApiResponse.of(
                200, "text/plain; version=0.0.4; charset=utf-8", metrics.text().getBytes(StandardCharsets.UTF_8));
    }
}
