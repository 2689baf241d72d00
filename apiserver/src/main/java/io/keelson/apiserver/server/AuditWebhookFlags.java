package io.keelson.apiserver.server;

import io.keelson.apiserver.audit.AuditSettings;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of {@link AuditSettings.Webhook}. */
final class AuditWebhookFlags {
    @Option(
            names = "--audit-webhook-config-file",
            paramLabel = "FILE",
            description = "Requests are told to another server: a kubeconfig.")
    private @Nullable Path config;

    @Option(
            names = "--audit-webhook-initial-backoff",
            paramLabel = "DURATION",
            defaultValue = "10s",
            converter = DurationText.class,
            description = "How long to wait before it is tried again for the first time. Default: 10s")
    private Duration initialBackoff = Duration.ZERO;

    @Option(
            names = "--audit-webhook-mode",
            paramLabel = "MODE",
            defaultValue = "batch",
            description =
                    "Who waits for whom: batch (nobody waits), blocking (requests wait), blocking-strict (and fail if"
                            + " they could not be written down). Default: batch")
    private String mode = "";

    @Option(
            names = "--audit-webhook-batch-buffer-size",
            paramLabel = "EVENTS",
            defaultValue = "10000",
            description = "In batches: how many events are kept at most. Default: 10000")
    private int bufferSize;

    @Option(
            names = "--audit-webhook-batch-max-size",
            paramLabel = "EVENTS",
            defaultValue = "400",
            description = "In batches: how many events make a batch at most. Default: 400")
    private int batchSizeMax;

    @Option(
            names = "--audit-webhook-batch-max-wait",
            paramLabel = "DURATION",
            defaultValue = "30s",
            converter = DurationText.class,
            description = "In batches: how long an event waits for others. Default: 30s")
    private Duration batchWaitMax = Duration.ZERO;

    @Option(
            names = "--audit-webhook-batch-throttle-enable",
            arity = "0..1",
            defaultValue = "true",
            fallbackValue = "true",
            description = "In batches: whether there is a bound on batches in a second. Default: true")
    private boolean throttled;

    @Option(
            names = "--audit-webhook-batch-throttle-qps",
            paramLabel = "BATCHES",
            defaultValue = "10",
            description = "In batches: that bound. Default: 10")
    private double throttlePerSecond;

    @Option(
            names = "--audit-webhook-batch-throttle-burst",
            paramLabel = "BATCHES",
            defaultValue = "15",
            description = "In batches: how many may go at once after a quiet time. Default: 15")
    private int throttleBurst;

    @Option(
            names = "--audit-webhook-truncate-enabled",
            arity = "0..1",
            defaultValue = "false",
            fallbackValue = "true",
            description = "Whether events that are too large lose what was sent and answered. Default: false")
    private boolean truncated;

    @Option(
            names = "--audit-webhook-truncate-max-batch-size",
            paramLabel = "BYTES",
            defaultValue = "10485760",
            description = "How large a batch may be; a larger one is split. Default: 10485760")
    private long batchBytesMax;

    @Option(
            names = "--audit-webhook-truncate-max-event-size",
            paramLabel = "BYTES",
            defaultValue = "102400",
            description = "How large an event may be. Default: 102400")
    private long eventBytesMax;

    @Option(
            names = "--audit-webhook-version",
            paramLabel = "VERSION",
            defaultValue = AuditDelivery.VERSION,
            description = "Version of the events. Default: " + AuditDelivery.VERSION)
    private String version = AuditDelivery.VERSION;

    /** Null if there is to be none. */
    AuditSettings.@Nullable Webhook settings() {
        AuditSettings.Delivery delivery = delivery();
        Path kubeconfig = config;
        return kubeconfig == null ? null : new AuditSettings.Webhook(kubeconfig, initialBackoff, delivery);
    }

    /** @throws IllegalArgumentException naming what cannot be used */
    private AuditSettings.Delivery delivery() {
        return AuditDelivery.of(
                "webhook",
                version,
                mode,
                new AuditSettings.Batch(
                        bufferSize, batchSizeMax, batchWaitMax, throttled, throttlePerSecond, throttleBurst),
                new AuditSettings.Truncate(truncated, batchBytesMax, eventBytesMax));
    }
}
