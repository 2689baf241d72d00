package io.keelson.controllers.runtime;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.ByteBuffer;
import java.util.List;

/** Counts the calls to the API: {@code rest_client_requests_total} by code, method and host, as client-go does. */
public final class CallMetrics implements Interceptor {
    private final Counter calls;

    /** Counts in a registry. */
    public CallMetrics(PrometheusRegistry registry) {
        calls = Counter.builder()
                .name("rest_client_requests_total")
                .help("Calls to the API by the answer's code, the method and the host")
                .labelNames("code", "host", "method")
                .register(registry);
    }

    @Override
    public void after(HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        count(request, Integer.toString(response.code()));
    }

    @Override
    public void afterConnectionFailure(HttpRequest request, Throwable failure) {
        count(request, "<error>");
    }

    private void count(HttpRequest request, String code) {
        calls.labelValues(code, request.uri().getAuthority(), request.method()).inc();
    }
}
