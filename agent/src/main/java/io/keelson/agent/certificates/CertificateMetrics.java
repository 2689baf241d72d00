package io.keelson.agent.certificates;

import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** What is told of the node's certificates, under the kubelet's names. */
final class CertificateMetrics {
    private static final double[] LIVES = {
        60, 3600, 14_400, 86_400, 604_800, 2_592_000, 7_776_000, 15_552_000, 31_104_000, 124_416_000
    };

    private CertificateMetrics() {}

    /**
     * Tells of the certificate by which the node is known to the API.
     *
     * @param expires when it ends; empty while there is none
     * @param failures how often it could not be renewed
     */
    static void ofClient(
            PrometheusRegistry registry,
            Supplier<Optional<Instant>> expires,
            LongSupplier failures,
            InstantSource clock) {
        left(
                "kubelet_certificate_manager_client_ttl_seconds",
                "How long the certificate by which the node is known to the API is good; +Inf if there is none",
                registry,
                expires,
                clock);
        failed(
                "kubelet_certificate_manager_client_expiration_renew_errors",
                "How often the certificate by which the node is known to the API could not be renewed",
                registry,
                failures);
    }

    /**
     * Tells of the certificate that the node's server shows.
     *
     * @param expires when it ends; empty while there is none
     * @param failures how often it could not be renewed
     */
    static void ofServer(
            PrometheusRegistry registry,
            Supplier<Optional<Instant>> expires,
            LongSupplier failures,
            InstantSource clock) {
        left(
                "kubelet_certificate_manager_server_ttl_seconds",
                "How long the certificate that the node's server shows is good; +Inf if there is none",
                registry,
                expires,
                clock);
        failed(
                "kubelet_server_expiration_renew_errors",
                "How often the certificate that the node's server shows could not be renewed",
                registry,
                failures);
    }

    private static void left(
            String name,
            String help,
            PrometheusRegistry registry,
            Supplier<Optional<Instant>> expires,
            InstantSource clock) {
        GaugeWithCallback _ = GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call(expires.get()
                        .map(end ->
                                (double) Duration.between(clock.instant(), end).toSeconds())
                        .orElse(Double.POSITIVE_INFINITY)))
                .register(registry);
    }

    /** A counter; but no name of a counter is written that does not end in {@code _total}. */
    private static void failed(String name, String help, PrometheusRegistry registry, LongSupplier failures) {
        GaugeWithCallback _ = GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call((double) failures.getAsLong()))
                .register(registry);
    }

    /** How long certificates of the node's server lived until others took their place; in seconds. */
    static Histogram lives() {
        return Histogram.builder()
                .name("kubelet_certificate_manager_server_rotation_seconds")
                .help("How long certificates that the node's server showed lived until others took their place")
                .classicOnly()
                .classicUpperBounds(LIVES)
                .build();
    }
}
