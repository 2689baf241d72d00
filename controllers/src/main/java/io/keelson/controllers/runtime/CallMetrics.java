package io.keelson.controllers.runtime;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counts the calls to the API as client-go does: {@code rest_client_requests_total} by code, method and host, how long their
 * answers took in {@code rest_client_request_duration_seconds}, and how long they were held back before they were sent in
 * {@code rest_client_rate_limiter_duration_seconds}. Calls that nobody answers are in none of these: of them the library tells only
 * those whose client sends again what failed.
 */
public final class CallMetrics implements Interceptor, CallRate.Watcher {
    private static final double NANOS = 1e9;
    private static final double[] TIMES = {0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60};

    private final Counter calls;
    private final Histogram times;
    private final Histogram waits;

    /** Counts in a registry. */
    public CallMetrics(PrometheusRegistry registry) {
        calls = Counter.builder()
                .name("rest_client_requests_total")
                .help("Calls to the API by the answer's code, the method and the host")
                .labelNames("code", "host", "method")
                .register(registry);
        times = histogram("rest_client_request_duration_seconds", "How long answers of the API took", registry);
        waits = histogram(
                "rest_client_rate_limiter_duration_seconds",
                "How long calls to the API were held back by the limit of their rate",
                registry);
    }

    private static Histogram histogram(String name, String help, PrometheusRegistry registry) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .labelNames("verb", "host")
                .classicOnly()
                .classicUpperBounds(TIMES)
                .register(registry);
    }

    /** Remembers when the call was sent, where the library keeps it until the answer comes. */
    private record Timed(AsyncBody.Consumer<List<ByteBuffer>> inner, long sentNanos)
            implements AsyncBody.Consumer<List<ByteBuffer>> {
        @Override
        public void consume(List<ByteBuffer> value, AsyncBody body) throws Exception {
            inner.consume(value, body);
        }

        @Override
        public <U> @Nullable U unwrap(Class<U> target) {
            return target == Timed.class ? target.cast(this) : inner.unwrap(target);
        }
    }

    @Override
    public AsyncBody.Consumer<List<ByteBuffer>> consumer(
            AsyncBody.Consumer<List<ByteBuffer>> consumer, HttpRequest request) {
        return new Timed(consumer, System.nanoTime());
    }

    @Override
    public void after(
            HttpRequest request, HttpResponse<?> response, AsyncBody.@Nullable Consumer<List<ByteBuffer>> consumer) {
        calls.labelValues(Integer.toString(response.code()), request.uri().getAuthority(), request.method())
                .inc();
        // A watch over a web socket has none: when it was asked for is not known.
        Timed timed = consumer == null ? null : consumer.unwrap(Timed.class);
        if (timed != null) {
            times.labelValues(request.method(), request.uri().getAuthority())
                    .observe((System.nanoTime() - timed.sentNanos()) / NANOS);
        }
    }

    @Override
    public void waited(HttpRequest request, long nanos) {
        waits.labelValues(request.method(), request.uri().getAuthority()).observe(nanos / NANOS);
    }
}
