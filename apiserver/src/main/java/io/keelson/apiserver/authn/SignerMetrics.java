package io.keelson.apiserver.authn;

import io.keelson.apiserver.plugin.PluginChannel;
import io.keelson.apiserver.plugin.PluginException;
import io.keelson.kvstore.metrics.Metrics;
import java.io.IOException;
import java.time.Instant;

/** Counts and times the calls of an external signer. Any thread. */
final class SignerMetrics {
    /** Of what failed before or after the signer was called. */
    private static final String NO_CALL = "unknown-non-grpc";

    private static final double[] SECONDS = {0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};

    private final Metrics.Counters fetches;
    private final Metrics.Counters signatures;
    private final Metrics.Histograms calls;
    private volatile double lastFetchSeconds;
    private volatile double dataSeconds;

    SignerMetrics(Metrics metrics) {
        metrics.gauge(
                "apiserver_externaljwt_fetch_keys_success_timestamp",
                "When the external signer's keys were fetched last, in seconds since 1970.",
                () -> lastFetchSeconds);
        metrics.gauge(
                "apiserver_externaljwt_fetch_keys_data_timestamp",
                "When the external signer had its keys from where they are kept, in seconds since 1970.",
                () -> dataSeconds);
        fetches = metrics.counters(
                "apiserver_externaljwt_fetch_keys_request_total",
                "How often the external signer's keys were asked for, by gRPC status.");
        signatures = metrics.counters(
                "apiserver_externaljwt_sign_request_total",
                "How often the external signer was to sign a token, by gRPC status.");
        calls = metrics.histograms(
                "apiserver_externaljwt_request_duration_seconds",
                "How long calls of the external signer took, by gRPC status and method.",
                SECONDS);
    }

    private static String code(IOException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof PluginException refused) {
                return code(refused.status());
            }
        }
        return code(NO_CALL);
    }

    private static String code(String status) {
        return Metrics.label("code", status);
    }

    /** @param method with its service, {@code /v1.ExternalJWTSigner/Sign} */
    void called(String method, String status, long nanos) {
        calls.at(code(status) + "," + Metrics.label("method", method)).observeNanos(nanos);
    }

    void fetched(Instant now, Instant data) {
        fetches.at(code(PluginChannel.OK)).increment();
        lastFetchSeconds = now.toEpochMilli() / 1e3;
        dataSeconds = data.getEpochSecond() + data.getNano() / 1e9;
    }

    void notFetched(IOException why) {
        fetches.at(code(why)).increment();
    }

    void signed() {
        signatures.at(code(PluginChannel.OK)).increment();
    }

    void notSigned(IOException why) {
        signatures.at(code(why)).increment();
    }
}
