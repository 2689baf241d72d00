package io.keelson.controllers.runtime;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** What a process of controllers counts, under the names of kube-controller-manager. */
public final class ControllerMetrics {
    private static final double NANOS = 1e9;
    private static final double[] TIMES = {1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100, 1000};

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Map<String, Supplier<QueueMetrics.Figures>> queues = new ConcurrentHashMap<>();
    private final Map<String, Object> figures = new ConcurrentHashMap<>();
    private final Counter adds;
    private final Counter retries;
    private final Histogram waited;
    private final Histogram worked;

    /** Nothing counted yet. */
    public ControllerMetrics() {
        adds = Counter.builder()
                .name("workqueue_adds_total")
                .help("Keys added to a queue")
                .labelNames("name")
                .register(registry);
        retries = Counter.builder()
                .name("workqueue_retries_total")
                .help("Keys that failed and were added again")
                .labelNames("name")
                .register(registry);
        waited = Histogram.builder()
                .name("workqueue_queue_duration_seconds")
                .help("How long keys waited for a worker")
                .labelNames("name")
                .classicOnly()
                .classicUpperBounds(TIMES)
                .register(registry);
        worked = Histogram.builder()
                .name("workqueue_work_duration_seconds")
                .help("How long a worker had a key")
                .labelNames("name")
                .classicOnly()
                .classicUpperBounds(TIMES)
                .register(registry);
        gauge("workqueue_depth", "Keys that wait for a worker", QueueMetrics.Figures::depth);
        gauge(
                "workqueue_unfinished_work_seconds",
                "How long workers have had the keys that they are not done with, summed up",
                QueueMetrics.Figures::unfinishedSeconds);
        gauge(
                "workqueue_longest_running_processor_seconds",
                "How long the slowest worker has had its key",
                QueueMetrics.Figures::longestSeconds);
    }

    private void gauge(String name, String help, ToDoubleFunction<QueueMetrics.Figures> figure) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames("name")
                .callback(callback ->
                        queues.forEach((queue, figures) -> callback.call(figure.applyAsDouble(figures.get()), queue)))
                .register(registry);
    }

    /**
     * What is counted, once in a process, whoever of its controllers asks for it.
     *
     * @param name ends in {@code _total}: no other name of a counter is written as it is. What the original calls otherwise
     *     is a gauge that only goes up
     */
    public Counter counter(String name, String help, String... labels) {
        return once(
                name,
                Counter.class,
                () -> Counter.builder().name(name).help(help).labelNames(labels).register(registry));
    }

    /** What goes up and down. */
    public Gauge gauge(String name, String help, String... labels) {
        return once(
                name,
                Gauge.class,
                () -> Gauge.builder().name(name).help(help).labelNames(labels).register(registry));
    }

    /** What is computed when it is asked for. */
    public void gauge(String name, String help, Consumer<GaugeWithCallback.Callback> figures, String... labels) {
        GaugeWithCallback _ = once(
                name,
                GaugeWithCallback.class,
                () -> GaugeWithCallback.builder()
                        .name(name)
                        .help(help)
                        .labelNames(labels)
                        .callback(figures)
                        .register(registry));
    }

    /**
     * What is distributed.
     *
     * @param first the first bucket's upper bound
     * @param factor between one bound and the next
     * @param buckets how many
     */
    public Histogram histogram(String name, String help, double first, double factor, int buckets, String... labels) {
        return once(
                name,
                Histogram.class,
                () -> Histogram.builder()
                        .name(name)
                        .help(help)
                        .labelNames(labels)
                        .classicOnly()
                        .classicExponentialUpperBounds(first, factor, buckets)
                        .register(registry));
    }

    /**
     * What is distributed, by the upper bounds of its buckets.
     *
     * @param bounds in ascending order
     */
    public Histogram histogram(String name, String help, double[] bounds, String... labels) {
        return once(
                name,
                Histogram.class,
                () -> Histogram.builder()
                        .name(name)
                        .help(help)
                        .labelNames(labels)
                        .classicOnly()
                        .classicUpperBounds(bounds)
                        .register(registry));
    }

    private <T> T once(String name, Class<T> type, Supplier<T> made) {
        return type.cast(figures.computeIfAbsent(name, ignored -> made.get()));
    }

    /** Seconds, as durations are counted. */
    public static double seconds(Duration time) {
        return time.toNanos() / NANOS;
    }

    /** Where all figures are read from. */
    public PrometheusRegistry registry() {
        return registry;
    }

    /** What is counted of a queue of this name. */
    public QueueMetrics queue(String name) {
        return new QueueMetrics() {
            @Override
            public void observe(Supplier<Figures> figures) {
                queues.put(name, figures);
            }

            @Override
            public void added() {
                adds.labelValues(name).inc();
            }

            @Override
            public void retried() {
                retries.labelValues(name).inc();
            }

            @Override
            public void waited(Duration time) {
                waited.labelValues(name).observe(time.toNanos() / NANOS);
            }

            @Override
            public void worked(Duration time) {
                worked.labelValues(name).observe(time.toNanos() / NANOS);
            }
        };
    }
}
