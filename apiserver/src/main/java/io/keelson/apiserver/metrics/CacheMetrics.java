package io.keelson.apiserver.metrics;

import io.keelson.apiserver.cache.CacheCounts;
import io.keelson.apiserver.cache.CachedResource;
import io.keelson.apiserver.cache.FreshWaits;
import io.keelson.apiserver.encryption.StoredResources;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.kvstore.metrics.Metrics;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** How much the caches hold and do, looked up whenever somebody reads the metrics, and how long readers wait for them. */
public final class CacheMetrics implements FreshWaits {
    private static final double[] SECONDS = {0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3};
    private static final GroupResource NONE = new GroupResource("", "");
    /** Custom kinds come and go; what is beyond is measured without its kind. */
    private static final int SERIES_MAX = 5_000;
    /** Resource versions are shown modulo this, so that they are exact as floating-point numbers. */
    private static final long REVISIONS = 1_000_000_000_000_000L;

    private final Metrics metrics;
    private final StoredResources resources;
    private final Metrics.Histograms waits;
    private final Map<String, Metrics.Histogram> byPrefix = new ConcurrentHashMap<>();

    /** @param resources what lies where in the store */
    public CacheMetrics(Metrics metrics, StoredResources resources) {
        this.metrics = metrics;
        this.resources = resources;
        this.waits = metrics.histograms(
                "apiserver_watch_cache_read_wait_seconds",
                "How long reads waited until a cache was fresh enough, by group and resource.",
                SECONDS);
    }

    @Override
    public void waited(CachedResource resource, long nanos) {
        Metrics.Histogram known = byPrefix.get(resource.prefix());
        if (known == null) {
            GroupResource name = byPrefix.size() < SERIES_MAX ? resources.of(resource.prefix()) : null;
            known = waits.at(labels(name == null ? NONE : name));
            if (name != null) {
                byPrefix.put(resource.prefix(), known);
            }
        }
        known.observeNanos(nanos);
    }

    /**
     * Tells of some caches.
     *
     * @param caches those that are loaded
     * @param counted whether it is told how many objects there are
     */
    public void follow(Supplier<List<CacheFigures>> caches, boolean counted) {
        if (counted) {
            objects(caches);
        }
        rest(caches);
    }

    private void objects(Supplier<List<CacheFigures>> caches) {
        metrics.family(
                "apiserver_storage_objects",
                "Objects, by the resource with its group.",
                "gauge",
                () -> ordered(caches).stream()
                        .map(cache -> new Metrics.Sample(
                                "", Metrics.label("resource", cache.resource().toString()), cache.objects()))
                        .toList());
        gauge("apiserver_resource_objects", "Objects, by group and resource.", caches, CacheFigures::objects);
    }

    private void rest(Supplier<List<CacheFigures>> caches) {
        gauge(
                "apiserver_resource_size_estimate_bytes",
                "Bytes of all objects together, as they are sent, by group and resource.",
                caches,
                CacheFigures::bytes);
        gauge(
                "apiserver_watch_cache_watches",
                "Watches that are open, those of the server itself among them, by group and resource.",
                caches,
                CacheFigures::watches);
        gauge(
                "apiserver_watch_cache_recent_events",
                "Events that are kept to begin watches from, by group and resource.",
                caches,
                CacheFigures::recentEvents);
        gauge(
                "watch_cache_capacity",
                "Events that there is room for at the moment, by group and resource.",
                caches,
                CacheFigures::capacity);
        gauge(
                "apiserver_watch_cache_resource_version",
                "The last 15 digits of the resource version that a cache has come to, by group and resource.",
                caches,
                cache -> cache.revision() % REVISIONS);
        counter(
                "apiserver_watch_cache_events_received_total",
                "Events that came from the store, by group and resource.",
                caches,
                CacheCounts::received);
        counter(
                "apiserver_storage_events_received_total",
                "Events that came from the store, by group and resource, under their other name.",
                caches,
                CacheCounts::received);
        counter(
                "apiserver_watch_cache_events_dispatched_total",
                "Events that were handed to watches, by group and resource.",
                caches,
                CacheCounts::dispatched);
        counter(
                "apiserver_watch_cache_initializations_total",
                "How often everything was listed, by group and resource.",
                caches,
                CacheCounts::loads);
        counter(
                "apiserver_init_events_total",
                "Objects and events that watches began with, by group and resource.",
                caches,
                CacheCounts::initial);
        counter(
                "apiserver_terminated_watchers_total",
                "Watches that were ended because they were too far behind, by group and resource.",
                caches,
                CacheCounts::tooSlow);
        perIndex("apiserver_cache_list_total", "Lists, by group and resource.", caches, CacheCounts::lists);
        perIndex(
                "apiserver_cache_list_fetched_objects_total",
                "Objects that were looked at for lists, by group and resource.",
                caches,
                CacheCounts::listFetched);
        counter(
                "apiserver_cache_list_returned_objects_total",
                "Objects in lists, by group and resource.",
                caches,
                CacheCounts::listReturned);
        metrics.family(
                "apiserver_watch_cache_consistent_read_total",
                "Reads that waited until a cache was as fresh as the store, by group, resource and whether it was.",
                "counter",
                () -> consistentReads(ordered(caches)));
        metrics.family(
                "apiserver_storage_consistency_checks_total",
                "How often caches were held against the store, by group, resource and what came of it.",
                "counter",
                () -> consistencyChecks(ordered(caches)));
    }

    /** Each with what has come of its checks so far. */
    private static List<Metrics.Sample> consistencyChecks(List<CacheFigures> caches) {
        List<Metrics.Sample> samples = new ArrayList<>();
        for (CacheFigures cache : caches) {
            addCheck(samples, cache.resource(), "error", cache.counts().checksBroken());
            addCheck(samples, cache.resource(), "failure", cache.counts().checksFailed());
            addCheck(samples, cache.resource(), "success", cache.counts().checksPassed());
        }
        return samples;
    }

    private static void addCheck(List<Metrics.Sample> samples, GroupResource resource, String status, long count) {
        if (count > 0) {
            String labels = RequestLabels.join(labels(resource), Metrics.label("status", status));
            samples.add(new Metrics.Sample("", labels, (double) count));
        }
    }

    private static List<Metrics.Sample> consistentReads(List<CacheFigures> caches) {
        List<Metrics.Sample> samples = new ArrayList<>();
        for (CacheFigures cache : caches) {
            samples.add(consistent(cache.resource(), false, cache.counts().failedReads()));
            samples.add(consistent(cache.resource(), true, cache.counts().consistentReads()));
        }
        return samples;
    }

    private static Metrics.Sample consistent(GroupResource resource, boolean success, long count) {
        String labels = RequestLabels.join(
                Metrics.label("fallback", "false"),
                labels(resource),
                Metrics.label("success", Boolean.toString(success)));
        return new Metrics.Sample("", labels, (double) count);
    }

    /** By index, too, of which there is none besides the order of keys. */
    private void perIndex(
            String name, String help, Supplier<List<CacheFigures>> caches, ToLongFunction<CacheCounts> count) {
        metrics.family(
                name,
                help,
                "counter",
                () -> ordered(caches).stream()
                        .map(cache -> new Metrics.Sample(
                                "",
                                RequestLabels.join(
                                        Metrics.label("group", cache.resource().group()),
                                        Metrics.label("index", ""),
                                        Metrics.label(
                                                "resource", cache.resource().resource())),
                                (double) count.applyAsLong(cache.counts())))
                        .toList());
    }

    private void counter(
            String name, String help, Supplier<List<CacheFigures>> caches, ToLongFunction<CacheCounts> count) {
        family(name, help, "counter", caches, cache -> count.applyAsLong(cache.counts()));
    }

    private void gauge(
            String name, String help, Supplier<List<CacheFigures>> caches, ToLongFunction<CacheFigures> figure) {
        family(name, help, "gauge", caches, figure);
    }

    private void family(
            String name,
            String help,
            String type,
            Supplier<List<CacheFigures>> caches,
            ToLongFunction<CacheFigures> figure) {
        metrics.family(
                name,
                help,
                type,
                () -> ordered(caches).stream()
                        .map(cache ->
                                new Metrics.Sample("", labels(cache.resource()), (double) figure.applyAsLong(cache)))
                        .toList());
    }

    private static String labels(GroupResource resource) {
        return RequestLabels.join(
                Metrics.label("group", resource.group()), Metrics.label("resource", resource.resource()));
    }

    private static List<CacheFigures> ordered(Supplier<List<CacheFigures>> caches) {
        return caches.get().stream()
                .sorted(Comparator.comparing(cache -> cache.resource().toString()))
                .toList();
    }
}
