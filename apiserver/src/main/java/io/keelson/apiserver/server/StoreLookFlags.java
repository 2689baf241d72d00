package io.keelson.apiserver.server;

import java.time.Duration;
import picocli.CommandLine.Option;

/** The flags of {@link StorageSettings.Looks}. */
final class StoreLookFlags {
    @Option(
            names = "--etcd-healthcheck-timeout",
            paramLabel = "DURATION",
            defaultValue = "2s",
            converter = DurationText.class,
            description = "How long the store has to answer when /healthz and /livez are asked for. Default: 2s")
    private Duration health = Duration.ZERO;

    @Option(
            names = "--etcd-readycheck-timeout",
            paramLabel = "DURATION",
            defaultValue = "2s",
            converter = DurationText.class,
            description = "How long the store has to answer when /readyz is asked for. Default: 2s")
    private Duration readiness = Duration.ZERO;

    @Option(
            names = "--etcd-count-metric-poll-period",
            paramLabel = "DURATION",
            defaultValue = "1m",
            converter = DurationText.class,
            description = "How old numbers of objects in metrics may be. They come out of the caches and are never"
                    + " older than these; 0 for no such numbers. Default: 1m")
    private Duration countPeriod = Duration.ZERO;

    @Option(
            names = "--etcd-db-metric-poll-interval",
            paramLabel = "DURATION",
            defaultValue = "30s",
            converter = DurationText.class,
            description = "How old the store's size in metrics may be before the store is asked again; 0 for not"
                    + " telling it. Default: 30s")
    private Duration sizeInterval = Duration.ZERO;

    /** @throws IllegalArgumentException naming the flag that cannot be used */
    StorageSettings.Looks settings() {
        if (countPeriod.isNegative()) {
            throw new IllegalArgumentException("--etcd-count-metric-poll-period can not be negative value");
        }
        return new StorageSettings.Looks(health, readiness, countPeriod.isPositive(), sizeInterval);
    }
}
