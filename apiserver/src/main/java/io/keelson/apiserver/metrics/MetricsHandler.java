package io.keelson.apiserver.metrics;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Handler;
import io.keelson.kvstore.metrics.Metrics;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * Answers {@code /metrics} and {@code /metrics/slis}, in the text format of Prometheus, version 0.0.4.
 *
 * @param checks what came of checks of health
 * @param disabled names of metrics that are not told
 * @param labels which values of labels are told
 */
public record MetricsHandler(Metrics metrics, Metrics checks, Set<String> disabled, LabelAllowList labels)
        implements Handler {
    @Override
    public ApiResponse handle(ApiRequest request) {
        Metrics wanted = switch (request.info().path()) {
            case "/metrics" -> metrics;
            case "/metrics/slis" -> checks;
            default -> throw ApiException.noSuchResource();
        };
        String text = wanted.text(name -> !disabled.contains(name), labels::shown);
        return ApiResponse.of(200, "text/plain; version=0.0.4; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }
}
