package io.keelson.kvstore.metrics;

import io.grpc.Metadata;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;

/**
 * Counts calls by the version that clients say they are of. What does not look like a version, and versions beyond the
 * first {@value #VERSIONS_MAX}, are counted as unknown: the name is the client's to choose.
 */
final class ClientVersions {
    private static final Metadata.Key<String> VERSION =
            Metadata.Key.of("client-api-version", Metadata.ASCII_STRING_MARSHALLER);
    private static final Pattern PLAUSIBLE = Pattern.compile("[0-9]{1,4}([.][0-9]{1,4}){1,2}");
    private static final int VERSIONS_MAX = 32;
    private static final String UNKNOWN = "unknown";

    private final Metrics.Counters counters;
    private final Map<String, Calls> byVersion = new ConcurrentHashMap<>();

    private record Calls(LongAdder unary, LongAdder streams) {}

    ClientVersions(Metrics.Counters counters) {
        this.counters = counters;
        byVersion.put(UNKNOWN, calls(UNKNOWN));
    }

    private Calls calls(String version) {
        String label = Metrics.label("client_api_version", version) + ",";
        return new Calls(
                counters.at(label + Metrics.label("type", "unary")),
                counters.at(label + Metrics.label("type", "stream")));
    }

    void count(boolean unary, Metadata headers) {
        String told = headers.get(VERSION);
        String version = told == null ? UNKNOWN : told;
        Calls calls = byVersion.get(version);
        if (calls == null) {
            calls = firstOf(version);
        }
        (unary ? calls.unary : calls.streams).increment();
    }

    private synchronized Calls firstOf(String version) {
        boolean counted =
                byVersion.size() < VERSIONS_MAX && PLAUSIBLE.matcher(version).matches();
        return byVersion.computeIfAbsent(counted ? version : UNKNOWN, this::calls);
    }
}
