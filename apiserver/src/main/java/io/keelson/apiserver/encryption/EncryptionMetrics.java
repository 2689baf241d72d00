package io.keelson.apiserver.encryption;

import io.keelson.apiserver.certs.ReloadMetrics;
import io.keelson.kvstore.metrics.Metrics;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Times the calls of KMS plugins and tells which keys of theirs are in use, by the hashes of the keys' names, which may be
 * secrets themselves. Outlives the configurations that name the plugins. Any thread.
 */
public final class EncryptionMetrics {
    private static final double[] SECONDS = Metrics.doubling(0.0001, 20);
    /** Keys of a plugin, for each kind of use; the one that was used longest ago makes room. */
    private static final int KEYS_MAX = 100;

    private final InstantSource clock;
    private final String server;
    private final Metrics.Histograms calls;
    private final Metrics.Counters wrongKeyIds;
    private final ReloadMetrics reloads;
    /** By their names in the configuration, which bounds them. */
    private final Map<String, Plugin> plugins = new ConcurrentHashMap<>();

    /** @param server who this server is among several */
    public EncryptionMetrics(Metrics metrics, String server, InstantSource clock) {
        this.clock = clock;
        this.server = Metrics.label("apiserver_id_hash", Bytes.hash(server));
        this.reloads = new ReloadMetrics(metrics, "encryption", server, clock);
        calls = metrics.histograms(
                "apiserver_envelope_encryption_kms_operations_latency_seconds",
                "How long calls of KMS plugins took, by provider, method and gRPC status.",
                SECONDS);
        wrongKeyIds = metrics.counters(
                "apiserver_envelope_encryption_invalid_key_id_from_status_total",
                "How often a KMS plugin said that its key has a name that is none, by provider and error.");
        family(
                metrics,
                "apiserver_envelope_encryption_key_id_hash_total",
                "How often keys were used, by provider, server, what for, and the hash of the key's name.",
                "counter",
                plugin -> Stream.of(plugin.read, plugin.written),
                use -> (double) use.count.sum());
        family(
                metrics,
                "apiserver_envelope_encryption_key_id_hash_last_timestamp_seconds",
                "When keys were used last, by provider, server, what for, and the hash of the key's name.",
                "gauge",
                plugin -> Stream.of(plugin.read, plugin.written),
                Use::lastSeconds);
        family(
                metrics,
                "apiserver_envelope_encryption_key_id_hash_status_last_timestamp_seconds",
                "When a KMS plugin last said that it uses a key, by provider, server, and the hash of the key's name.",
                "gauge",
                plugin -> Stream.of(plugin.stated),
                Use::lastSeconds);
    }

    private void family(
            Metrics metrics,
            String name,
            String help,
            String type,
            Function<Plugin, Stream<Keys>> keys,
            ToDoubleFunction<Use> value) {
        metrics.family(name, help, type, () -> samples(keys, value));
    }

    private List<Metrics.Sample> samples(Function<Plugin, Stream<Keys>> keys, ToDoubleFunction<Use> value) {
        return plugins.values().stream()
                .flatMap(keys)
                .flatMap(table -> table.byKeyId.values().stream())
                .map(use -> new Metrics.Sample("", use.labels, value.applyAsDouble(use)))
                .sorted(Comparator.comparing(Metrics.Sample::labels))
                .toList();
    }

    /** The configuration has changed and was read again. */
    void reloaded(boolean usable) {
        reloads.read(usable);
    }

    /** What is counted of a plugin, by its name in the configuration. */
    Plugin plugin(String name) {
        return plugins.computeIfAbsent(name, Plugin::new);
    }

    /** One plugin. */
    final class Plugin {
        private final String provider;
        private final Keys read;
        private final Keys written;
        private final Keys stated;

        private Plugin(String name) {
            provider = Metrics.label("provider_name", name);
            read = new Keys(provider + "," + Metrics.label("transformation_type", "from_storage"));
            written = new Keys(provider + "," + Metrics.label("transformation_type", "to_storage"));
            stated = new Keys(provider);
        }

        /** A value was read that was written with a key. */
        void read(String keyId) {
            read.used(keyId);
        }

        /** A value was written with a key. */
        void written(String keyId) {
            written.used(keyId);
        }

        /** The plugin says that it uses a key. */
        void stated(String keyId) {
            stated.used(keyId);
        }

        /**
         * The plugin says that its key has a name that is none.
         *
         * @param error {@code empty} or {@code too_long}
         */
        void statedWrongly(String error) {
            wrongKeyIds.at(Metrics.label("error", error) + "," + provider).increment();
        }

        /**
         * The plugin was called.
         *
         * @param method {@code /service/Method}
         * @param status of the answer as Go writes it: {@code OK}, {@code DeadlineExceeded}
         */
        void called(String method, String status, long nanos) {
            calls.at(Metrics.label("grpc_status_code", status) + "," + Metrics.label("method_name", method) + ","
                            + provider)
                    .observeNanos(nanos);
        }
    }

    /** Uses of one kind, by the keys' names. */
    private final class Keys {
        private final String labels;
        private final Map<String, Use> byKeyId = new ConcurrentHashMap<>();

        Keys(String labels) {
            this.labels = labels;
        }

        void used(String keyId) {
            Use use = byKeyId.get(keyId);
            if (use == null) {
                use = add(keyId);
            }
            use.count.increment();
            use.lastMillis = clock.millis();
        }

        private synchronized Use add(String keyId) {
            Use known = byKeyId.get(keyId);
            if (known != null) {
                return known;
            }
            if (byKeyId.size() >= KEYS_MAX) {
                byKeyId.entrySet().stream()
                        .min(Comparator.comparingLong(entry -> entry.getValue().lastMillis))
                        .ifPresent(oldest -> byKeyId.remove(oldest.getKey()));
            }
            Use made = new Use(
                    server + "," + Metrics.label("key_id_hash", Bytes.hash(keyId)) + "," + labels, clock.millis());
            byKeyId.put(keyId, made);
            return made;
        }
    }

    /** The uses of one key. */
    private static final class Use {
        private final String labels;
        private final LongAdder count = new LongAdder();
        private volatile long lastMillis;

        Use(String labels, long lastMillis) {
            this.labels = labels;
            this.lastMillis = lastMillis;
        }

        double lastSeconds() {
            return lastMillis / 1e3;
        }
    }
}
