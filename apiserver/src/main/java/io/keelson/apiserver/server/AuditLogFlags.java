package io.keelson.apiserver.server;

import io.keelson.apiserver.audit.AuditSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of {@link AuditSettings.Log}. */
final class AuditLogFlags {
    @Option(
            names = "--audit-log-path",
            paramLabel = "FILE",
            description = "Requests are written down in this file; - is standard output.")
    private @Nullable String path;

    @Option(
            names = "--audit-log-format",
            paramLabel = "FORMAT",
            defaultValue = "json",
            description = "A line for each event: json or legacy. Default: json")
    private String format = "";

    @Option(
            names = "--audit-log-maxsize",
            paramLabel = "MEGABYTES",
            defaultValue = "100",
            description = "When the file is full, and another one is begun. Default: 100")
    private int maxSize;

    @Option(
            names = "--audit-log-maxage",
            paramLabel = "DAYS",
            defaultValue = "366",
            description = "How long full files are kept; 0 for ever. Default: 366")
    private int maxAge;

    @Option(
            names = "--audit-log-maxbackup",
            paramLabel = "FILES",
            defaultValue = "100",
            description = "How many full files are kept; 0 for all. Default: 100")
    private int maxBackups;

    @Option(
            names = "--audit-log-compress",
            arity = "0..1",
            defaultValue = "false",
            fallbackValue = "true",
            description = "Whether full files are compressed with gzip. Default: false")
    private boolean compress;

    @Option(
            names = "--audit-log-mode",
            paramLabel = "MODE",
            defaultValue = "blocking",
            description =
                    "Who waits for whom: batch (nobody waits), blocking (requests wait), blocking-strict (and fail if"
                            + " they could not be written down). Default: blocking")
    private String mode = "";

    @Option(
            names = "--audit-log-batch-buffer-size",
            paramLabel = "EVENTS",
            defaultValue = "10000",
            description = "In batches: how many events are kept at most. Default: 10000")
    private int bufferSize;

    @Option(
            names = "--audit-log-batch-max-size",
            paramLabel = "EVENTS",
            defaultValue = "1",
            description = "In batches: how many events make a batch at most. Default: 1")
    private int batchSizeMax;

    @Option(
            names = "--audit-log-batch-max-wait",
            paramLabel = "DURATION",
            defaultValue = "0s",
            converter = DurationText.class,
            description = "In batches: how long an event waits for others. Default: 0s")
    private Duration batchWaitMax = Duration.ZERO;

    @Option(
            names = "--audit-log-batch-throttle-enable",
            arity = "0..1",
            defaultValue = "false",
            fallbackValue = "true",
            description = "In batches: whether there is a bound on batches in a second. Default: false")
    private boolean throttled;

    @Option(
            names = "--audit-log-batch-throttle-qps",
            paramLabel = "BATCHES",
            defaultValue = "0",
            description = "In batches: that bound. Default: 0")
    private double throttlePerSecond;

    @Option(
            names = "--audit-log-batch-throttle-burst",
            paramLabel = "BATCHES",
            defaultValue = "0",
            description = "In batches: how many may go at once after a quiet time. Default: 0")
    private int throttleBurst;

    @Option(
            names = "--audit-log-truncate-enabled",
            arity = "0..1",
            defaultValue = "false",
            fallbackValue = "true",
            description = "Whether events that are too large lose what was sent and answered. Default: false")
    private boolean truncated;

    @Option(
            names = "--audit-log-truncate-max-batch-size",
            paramLabel = "BYTES",
            defaultValue = "10485760",
            description = "How large a batch may be; a larger one is split. Default: 10485760")
    private long batchBytesMax;

    @Option(
            names = "--audit-log-truncate-max-event-size",
            paramLabel = "BYTES",
            defaultValue = "102400",
            description = "How large an event may be. Default: 102400")
    private long eventBytesMax;

    @Option(
            names = "--audit-log-version",
            paramLabel = "VERSION",
            defaultValue = AuditDelivery.VERSION,
            description = "Version of the events. Default: " + AuditDelivery.VERSION)
    private String version = AuditDelivery.VERSION;

    /** Null if there is to be none. */
    AuditSettings.@Nullable Log settings() {
        AuditSettings.Delivery delivery = delivery();
        AuditSettings.Format lines = AuditSettings.Format.of(format);
        String to = path;
        return to == null || to.isEmpty()
                ? null
                : new AuditSettings.Log(to, lines, maxAge, maxBackups, maxSize, compress, delivery);
    }

    /** @throws IllegalArgumentException naming what cannot be used */
    private AuditSettings.Delivery delivery() {
        return AuditDelivery.of(
                "log",
                version,
                mode,
                new AuditSettings.Batch(
                        bufferSize, batchSizeMax, batchWaitMax, throttled, throttlePerSecond, throttleBurst),
                new AuditSettings.Truncate(truncated, batchBytesMax, eventBytesMax));
    }
}
