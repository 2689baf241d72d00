package io.keelson.apiserver.metrics;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Filter;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.request.Termination;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.kvstore.metrics.Metrics;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Counts requests by what they asked for and what they were answered, and how long that took: until the answer was there,
 * or, where it is streamed, until it ended. Any thread.
 */
public final class RequestMetrics implements Filter {
    /** What more kinds of request than these have in common is counted as one. */
    private static final int SERIES_MAX = 20_000;

    private static final double[] SECONDS = {
        0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60
    };
    private static final double[] BYTES = {1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    private static final RequestLabels TOO_MANY = new RequestLabels("OTHER", "", "", "", "", "", "");

    private final ResourceRegistry registry;
    private final Metrics.Counters total;
    private final Metrics.Histograms durations;
    private final Metrics.Histograms ownDurations;
    private final Metrics.Histograms sizes;
    private final Metrics.Gauges lasting;
    private final Metrics.Gauges deprecated;
    private final Metrics.Counters terminations;
    private final RecentPeak reading = new RecentPeak(System.nanoTime());
    private final RecentPeak changing = new RecentPeak(System.nanoTime());
    private final Map<RequestLabels, Series> series = new ConcurrentHashMap<>();

    private record TerminationKey(Termination by, int code) {}

    /** The counters of requests that are counted together, found once. */
    private final class Series {
        final RequestLabels labels;
        final Metrics.Histogram duration;
        final Metrics.@Nullable Histogram ownDuration;
        final Metrics.@Nullable Histogram size;
        final @Nullable AtomicLong lastingNow;
        final Map<Integer, LongAdder> byCode = new ConcurrentHashMap<>();
        final Map<TerminationKey, LongAdder> byTermination = new ConcurrentHashMap<>(2);
        private volatile boolean deprecatedSaid;

        Series(RequestLabels labels) {
            this.labels = labels;
            duration = durations.at(labels.timed());
            ownDuration = labels.lasting() ? null : ownDurations.at(labels.timed());
            boolean reads = labels.verb().equals("GET") || labels.verb().equals("LIST");
            size = reads ? sizes.at(labels.described()) : null;
            lastingNow = labels.lasting() ? lasting.at(labels.described()) : null;
        }

        void count(int code, long startNanos, long bytes) {
            byCode.computeIfAbsent(code, _ -> total.at(labels.counted(code))).increment();
            long nanos = System.nanoTime() - startNanos;
            duration.observeNanos(nanos);
            if (ownDuration != null) {
                ownDuration.observeNanos(nanos);
            }
            if (size != null && bytes >= 0) {
                size.observe((double) bytes);
            }
        }

        void countTermination(ApiRequest request, int code) {
            Termination by = request.termination();
            if (by != null) {
                byTermination
                        .computeIfAbsent(
                                new TerminationKey(by, code), _ -> terminations.at(labels.terminated(by, code)))
                        .increment();
            }
        }

        void sayDeprecated() {
            if (!deprecatedSaid) {
                deprecated.at(labels.deprecated()).set(1);
                deprecatedSaid = true;
            }
        }
    }

    public RequestMetrics(Metrics metrics, ResourceRegistry registry) {
        this.registry = registry;
        total = metrics.counters(
                "apiserver_request_total",
                "Requests, by verb, dry run, group, version, resource, scope, component and the code of their answer.");
        durations = metrics.histograms(
                "apiserver_request_duration_seconds",
                "How long requests took, by verb, dry run, group, version, resource, subresource, scope and component.",
                SECONDS);
        ownDurations = metrics.histograms(
                "apiserver_request_sli_duration_seconds",
                "How long requests took that do not last as long as their client likes.",
                SECONDS);
        sizes = metrics.histograms(
                "apiserver_response_sizes",
                "Bytes of answers, by verb, group, version, resource, subresource, scope and component.",
                BYTES);
        lasting = metrics.gauges(
                "apiserver_longrunning_requests",
                "Watches, logs and streams that are open, by verb, group, version, resource, scope and component.");
        terminations = metrics.counters(
                "apiserver_request_terminations_total",
                "Requests that were ended, or not begun, in the server's defense, by what they asked for and their code.");
        deprecated = metrics.gauges(
                "apiserver_requested_deprecated_apis",
                "1 for each deprecated API that was asked for, by group, version, resource and subresource.");
        metrics.family(
                "apiserver_current_inflight_requests",
                "The most requests under way at a time in the last second, of those that do not last, by their kind.",
                "gauge",
                () -> List.of(inFlight("readOnly", reading), inFlight("mutating", changing)));
    }

    private static Metrics.Sample inFlight(String kind, RecentPeak requests) {
        return new Metrics.Sample("", Metrics.label("request_kind", kind), requests.lately(System.nanoTime()));
    }

    private Series series(ApiRequest request) {
        RequestLabels labels = RequestLabels.of(request, registry.current());
        Series known = series.get(labels);
        if (known != null) {
            return known;
        }
        return series.computeIfAbsent(series.size() < SERIES_MAX ? labels : TOO_MANY, Series::new);
    }

    @Override
    public ApiResponse filter(ApiRequest request, Handler next) throws InterruptedException {
        long start = System.nanoTime();
        Series counted = series(request);
        RecentPeak inFlight = counted.labels.lasting() ? null : counted.labels.changes() ? changing : reading;
        if (inFlight != null) {
            inFlight.enter(start);
        }
        try {
            ApiResponse response = next.handle(request);
            return switch (response) {
                case ApiResponse.Whole whole -> {
                    counted.count(whole.status(), start, whole.sizeBytes());
                    counted.countTermination(request, whole.status());
                    yield whole;
                }
                case ApiResponse.Streamed streamed ->
                    new ApiResponse.Streamed(streamed.status(), streamed.headers(), out -> {
                        begun(counted);
                        try {
                            streamed.writer().write(out);
                        } finally {
                            ended(counted, streamed.status(), start);
                        }
                    });
                case ApiResponse.Upgraded upgraded ->
                    new ApiResponse.Upgraded(upgraded.headers(), (in, out) -> {
                        begun(counted);
                        try {
                            upgraded.conversation().run(in, out);
                        } finally {
                            ended(counted, upgraded.status(), start);
                        }
                    });
            };
        } catch (ApiException e) {
            counted.count(e.code(), start, -1);
            counted.countTermination(request, e.code());
            throw e;
        } catch (RuntimeException | InterruptedException e) {
            counted.count(500, start, -1);
            throw e;
        } finally {
            if (request.isDeprecated()) {
                counted.sayDeprecated();
            }
            if (inFlight != null) {
                inFlight.leave();
            }
        }
    }

    private static void begun(Series counted) {
        if (counted.lastingNow != null) {
            counted.lastingNow.incrementAndGet();
        }
    }

    private static void ended(Series counted, int code, long start) {
        if (counted.lastingNow != null) {
            counted.lastingNow.decrementAndGet();
        }
        counted.count(code, start, -1);
    }
}
