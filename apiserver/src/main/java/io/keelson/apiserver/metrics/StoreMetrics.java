package io.keelson.apiserver.metrics;

import io.keelson.apiserver.encryption.StoredResources;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.store.StoreRequests;
import io.keelson.kvstore.metrics.Metrics;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts and times requests to the store, by what they do and the kind of object. Any thread. */
public final class StoreMetrics implements StoreRequests {
    private static final double[] SECONDS = {
        0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60
    };
    private static final GroupResource NONE = new GroupResource("", "");
    /** Custom kinds come and go; what is beyond is counted without its kind. */
    private static final int SERIES_MAX = 10_000;

    private final StoredResources resources;
    private final Metrics.Counters requests;
    private final Metrics.Counters errors;
    private final Metrics.Histograms durations;
    private final Map<Key, Series> series = new ConcurrentHashMap<>();

    private record Key(Operation operation, GroupResource resource) {}

    private record Series(LongAdder requests, LongAdder errors, Metrics.Histogram duration) {}

    public StoreMetrics(Metrics metrics, StoredResources resources) {
        this.resources = resources;
        requests = metrics.counters("etcd_requests_total", "Requests to the store, by operation and kind of object.");
        errors = metrics.counters(
                "etcd_request_errors_total", "Requests to the store that failed, by operation and kind of object.");
        durations = metrics.histograms(
                "etcd_request_duration_seconds",
                "How long requests to the store took, by operation and kind of object.",
                SECONDS);
    }

    @Override
    public void completed(Operation operation, String key, long nanos, boolean failed) {
        Series counted = series(operation, key);
        counted.requests().increment();
        counted.duration().observeNanos(nanos);
        if (failed) {
            counted.errors().increment();
        }
    }

    private Series series(Operation operation, String key) {
        GroupResource resource = resources.of(key);
        Key wanted = new Key(operation, resource == null ? NONE : resource);
        Series known = series.get(wanted);
        if (known != null) {
            return known;
        }
        Key counted = series.size() < SERIES_MAX ? wanted : new Key(operation, NONE);
        return series.computeIfAbsent(counted, made -> {
            String labels = RequestLabels.join(
                    Metrics.label("group", made.resource().group()),
                    Metrics.label("operation", made.operation().label()),
                    Metrics.label("resource", made.resource().resource()));
            return new Series(requests.at(labels), errors.at(labels), durations.at(labels));
        });
    }
}
