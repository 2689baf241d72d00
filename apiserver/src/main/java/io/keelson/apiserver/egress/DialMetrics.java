package io.keelson.apiserver.egress;

import io.keelson.kvstore.metrics.Metrics;

/** Counts and times connections that are made through proxies. Any thread. */
final class DialMetrics {
    private static final double[] SECONDS = {0.005, 0.025, 0.1, 0.5, 2.5, 12.5};

    private final Metrics.Counters starts;
    private final Metrics.Counters failures;
    private final Metrics.Histograms durations;

    /** Where a connection failed. */
    enum Stage {
        /** On the way to the proxy. */
        CONNECT("connect"),
        /** Behind it, or in asking it. */
        PROXY("proxy");

        private final String label;

        Stage(String text) {
            this.label = Metrics.label("stage", text);
        }
    }

    DialMetrics(Metrics metrics) {
        starts = metrics.counters(
                "apiserver_egress_dialer_dial_start_total",
                "How often a connection through a proxy was begun, by protocol and transport.");
        failures = metrics.counters(
                "apiserver_egress_dialer_dial_failure_count",
                "How often a connection through a proxy failed, by protocol, stage and transport.");
        durations = metrics.histograms(
                "apiserver_egress_dialer_dial_duration_seconds",
                "How long it took to make connections through a proxy, by protocol and transport.",
                SECONDS);
    }

    /** What is counted of proxies that are spoken to and reached in one way. */
    Way over(String protocol, String transport) {
        return new Way(Metrics.label("protocol", protocol), Metrics.label("transport", transport));
    }

    /** Connections through proxies that are reached in one way. */
    final class Way {
        private final String protocol;
        private final String transport;

        private Way(String protocol, String transport) {
            this.protocol = protocol;
            this.transport = transport;
        }

        void started() {
            starts.at(protocol + "," + transport).increment();
        }

        void failed(Stage stage) {
            failures.at(protocol + "," + stage.label + "," + transport).increment();
        }

        void made(long nanos) {
            durations.at(protocol + "," + transport).observeNanos(nanos);
        }
    }
}
