package io.keelson.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.function.IntSupplier;

/** How the collection goes, by the names that metrics-server has for it. */
final class ScrapeMetrics {
    private static final double NANOS = 1e9;

    private final Histogram request;
    private final Counter requests;
    private final Gauge last;
    private final Histogram tick;

    /** Figures in a registry. */
    ScrapeMetrics(PrometheusRegistry registry, IntSupplier points) {
        request = Histogram.builder()
                .name("metrics_server_kubelet_request_duration_seconds")
                .help("Duration of requests to Kubelet API in seconds")
                .classicOnly()
                .register(registry);
        requests = Counter.builder()
                .name("metrics_server_kubelet_request_total")
                .help("Number of requests sent to Kubelet API")
                .labelNames("success")
                .register(registry);
        last = Gauge.builder()
                .name("metrics_server_kubelet_last_request_time_seconds")
                .help("Time of last request performed to Kubelet API since unix epoch in seconds")
                .register(registry);
        tick = Histogram.builder()
                .name("metrics_server_manager_tick_duration_seconds")
                .help("The total time spent collecting and storing metrics in seconds.")
                .classicOnly()
                .register(registry);
        GaugeWithCallback.builder()
                .name("metrics_server_storage_points")
                .help("Number of metrics points stored.")
                .callback(callback -> callback.call(points.getAsInt()))
                .register(registry);
    }

    void asked(long nanos, boolean success, long epochMillis) {
        request.observe(nanos / NANOS);
        requests.labelValues(Boolean.toString(success)).inc();
        last.set(epochMillis / 1000.0);
    }

    /** All were asked; what is asked between the rounds is none. */
    void round(long nanos) {
        tick.observe(nanos / NANOS);
    }
}
