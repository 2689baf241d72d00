package io.keelson.apiserver.metrics;

import io.keelson.apiserver.resource.GroupResource;
import io.keelson.kvstore.metrics.Metrics;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts and measures the events that watches are sent, by the kind of object. Any thread. */
public final class WatchMetrics {
    private static final double[] BYTES = Metrics.doubling(1_024, 8);
    private static final GroupResource OTHER = new GroupResource("", "OTHER");
    /** Custom kinds come and go; what is beyond is counted together. */
    private static final int SERIES_MAX = 5_000;

    private final Metrics.Counters total;
    private final Metrics.Histograms sizes;
    private final Map<Key, Series> series = new ConcurrentHashMap<>();

    private record Key(GroupResource resource, String version) {}

    /** Events of one kind in one version. */
    public static final class Series {
        private final LongAdder count;
        private final Metrics.Histogram size;

        private Series(LongAdder count, Metrics.Histogram size) {
            this.count = count;
            this.size = size;
        }

        /** @param bytes of the object, as it was sent */
        public void sent(int bytes) {
            count.increment();
            size.observe(bytes);
        }
    }

    public WatchMetrics(Metrics metrics) {
        total = metrics.counters(
                "apiserver_watch_events_total", "Events that watches were sent, by group, resource and version.");
        sizes = metrics.histograms(
                "apiserver_watch_events_sizes",
                "Bytes of the objects in events that watches were sent, by group, resource and version.",
                BYTES);
    }

    /** Where the events of a watch are counted. */
    public Series of(GroupResource resource, String version) {
        Key wanted = new Key(resource, version);
        Series known = series.get(wanted);
        if (known != null) {
            return known;
        }
        return series.computeIfAbsent(series.size() < SERIES_MAX ? wanted : new Key(OTHER, ""), made -> {
            String labels = RequestLabels.join(
                    Metrics.label("group", made.resource().group()),
                    Metrics.label("resource", made.resource().resource()),
                    Metrics.label("version", made.version()));
            return new Series(total.at(labels), sizes.at(labels));
        });
    }
}
