package io.keelson.agent.dns;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the server counts, under CoreDNS's names. There is one server and one zone, the root's, as in the configuration that
 * kubeadm writes.
 */
final class DnsMetrics {
    private static final String ZONE = ".";
    private static final String VIEW = "";
    private static final String PROXY = "forward";
    private static final double NANOS = 1e9;
    private static final double[] SIZES = {
        0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16_000, 32_000, 48_000, 64_000
    };

    private final String server;
    private final PrometheusRegistry registry;
    private final Counter requests;
    private final Counter signed;
    private final Histogram durations;
    private final Histogram requestSizes;
    private final Histogram responseSizes;
    private final Counter responses;
    private final Counter panics;
    private final Counter cacheRequests;
    private final Counter cacheHits;
    private final Counter cacheMisses;
    private final Counter cachePrefetches;
    private final Counter forwardRequests;
    private final Counter forwardResponses;
    private final Histogram forwardDurations;
    private final Counter healthFailures;
    private final Counter healthBroken;
    private final Counter rejects;
    private final Map<Kind, CounterDataPoint> requestsByKind = new ConcurrentHashMap<>();

    private record Kind(boolean byStream, boolean overV6, int type) {}

    /**
     * Nothing counted yet.
     *
     * @param server how the server is called, {@code dns://:53}
     */
    DnsMetrics(PrometheusRegistry registry, String server) {
        this.registry = registry;
        this.server = server;
        requests = counter(
                "coredns_dns_requests_total",
                "Questions that came in",
                "server",
                "zone",
                "view",
                "proto",
                "family",
                "type");
        signed = counter("coredns_dns_do_requests_total", "Questions that want signatures", "server", "zone", "view");
        durations = histogram(
                "coredns_dns_request_duration_seconds",
                "How long answers took",
                exponential(0.00025, 2, 16),
                "server",
                "zone",
                "view");
        requestSizes = histogram(
                "coredns_dns_request_size_bytes", "Octets of questions", SIZES, "server", "zone", "view", "proto");
        responseSizes = histogram(
                "coredns_dns_response_size_bytes", "Octets of answers", SIZES, "server", "zone", "view", "proto");
        responses = counter("coredns_dns_responses_total", "Answers", "server", "zone", "view", "rcode", "plugin");
        panics = counter("coredns_panics_total", "Errors of the server itself");
        cacheRequests = counter("coredns_cache_requests_total", "Looks into the cache", "server", "zones", "view");
        cacheHits =
                counter("coredns_cache_hits_total", "Looks that found something", "server", "type", "zones", "view");
        cacheMisses = counter("coredns_cache_misses_total", "Looks that found nothing", "server", "zones", "view");
        cachePrefetches = counter(
                "coredns_cache_prefetch_total",
                "Questions asked again before what is known was forgotten",
                "server",
                "zones",
                "view");
        forwardRequests = counter("coredns_forward_requests_total", "Questions to a name server", "to");
        forwardResponses = counter("coredns_forward_responses_total", "Answers of a name server", "to", "rcode");
        forwardDurations = histogram(
                "coredns_proxy_request_duration_seconds",
                "How long a name server took",
                exponential(0.00025, 2, 16),
                "proxy_name",
                "to",
                "rcode");
        healthFailures = counter(
                "coredns_proxy_healthcheck_failures_total",
                "Looks at whether a name server answers that failed",
                "proxy_name",
                "to");
        healthBroken = counter(
                "coredns_forward_healthcheck_broken_total", "Questions asked while no name server seemed to be well");
        rejects = counter(
                "coredns_forward_max_concurrent_rejects_total",
                "Questions not forwarded because too many were being forwarded");
    }

    private Counter counter(String name, String help, String... labels) {
        return Counter.builder().name(name).help(help).labelNames(labels).register(registry);
    }

    private Histogram histogram(String name, String help, double[] bounds, String... labels) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .classicOnly()
                .classicUpperBounds(bounds)
                .register(registry);
    }

    private static double[] exponential(double first, double factor, int count) {
        double[] bounds = new double[count];
        double bound = first;
        for (int i = 0; i < count; i++) {
            bounds[i] = bound;
            bound *= factor;
        }
        return bounds;
    }

    /** A question came in. */
    void asked(boolean byStream, boolean overV6, int type, boolean isSigned, int octets) {
        // Types without a name of their own are counted together, so that nobody can make up many of them.
        int counted = RecordType.label(type).equals("other") ? 0 : type;
        requestsByKind
                .computeIfAbsent(
                        new Kind(byStream, overV6, counted),
                        kind -> requests.labelValues(
                                server,
                                ZONE,
                                VIEW,
                                proto(kind.byStream),
                                kind.overV6 ? "2" : "1",
                                RecordType.label(kind.type)))
                .inc();
        requestSizes.labelValues(server, ZONE, VIEW, proto(byStream)).observe(octets);
        if (isSigned) {
            signed.labelValues(server, ZONE, VIEW).inc();
        }
    }

    /** An answer went out. */
    void answered(boolean byStream, int code, String source, int octets, Duration time) {
        responses
                .labelValues(server, ZONE, VIEW, ResponseCode.label(code), source)
                .inc();
        responseSizes.labelValues(server, ZONE, VIEW, proto(byStream)).observe(octets);
        durations.labelValues(server, ZONE, VIEW).observe(time.toNanos() / NANOS);
    }

    private static String proto(boolean byStream) {
        return byStream ? "tcp" : "udp";
    }

    /** The server did something wrong. */
    void panicked() {
        panics.inc();
    }

    /** The cache was looked into. */
    void cacheHit(boolean ofPresent) {
        cacheRequests.labelValues(server, ZONE, VIEW).inc();
        cacheHits.labelValues(server, cacheType(ofPresent), ZONE, VIEW).inc();
    }

    /** The cache was looked into in vain. */
    void cacheMissed() {
        cacheRequests.labelValues(server, ZONE, VIEW).inc();
        cacheMisses.labelValues(server, ZONE, VIEW).inc();
    }

    /** Something is asked for before it is forgotten. */
    void prefetched() {
        cachePrefetches.labelValues(server, ZONE, VIEW).inc();
    }

    private static String cacheType(boolean ofPresent) {
        return ofPresent ? "success" : "denial";
    }

    /** Counts what the cache has. */
    void observe(AnswerCache cache) {
        GaugeWithCallback.builder()
                .name("coredns_cache_entries")
                .help("Answers that are remembered")
                .labelNames("server", "type", "zones", "view")
                .callback(callback -> {
                    callback.call(cache.size(true), server, cacheType(true), ZONE, VIEW);
                    callback.call(cache.size(false), server, cacheType(false), ZONE, VIEW);
                })
                .register(registry);
        CounterWithCallback.builder()
                .name("coredns_cache_evictions_total")
                .help("Answers forgotten before their time because there was no room")
                .labelNames("server", "type", "zones", "view")
                .callback(callback -> {
                    callback.call((double) cache.evictions(true), server, cacheType(true), ZONE, VIEW);
                    callback.call((double) cache.evictions(false), server, cacheType(false), ZONE, VIEW);
                })
                .register(registry);
    }

    /** A name server answered. */
    void forwarded(String to, String code, Duration time) {
        forwardRequests.labelValues(to).inc();
        forwardResponses.labelValues(to, code).inc();
        forwardDurations.labelValues(PROXY, to, code).observe(time.toNanos() / NANOS);
    }

    /** A name server did not answer when it was looked at. */
    void healthCheckFailed(String to) {
        healthFailures.labelValues(PROXY, to).inc();
    }

    /** No name server seems to be well. */
    void healthChecksBroken() {
        healthBroken.inc();
    }

    /** A question was not forwarded. */
    void forwardRejected() {
        rejects.inc();
    }
}
