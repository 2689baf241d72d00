package io.keelson.apiserver.audit;

import io.keelson.apiserver.certs.HttpClients;
import io.keelson.apiserver.certs.Kubeconfig;
import io.keelson.apiserver.certs.RemoteCalls;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.Handler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The audit log of a server: its policy, and where events go. */
public final class AuditLog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AuditLog.class);

    private static final int SIZE_MEGABYTES = 100;
    private static final Duration WEBHOOK_TIMEOUT = Duration.ofSeconds(30);
    private static final int WEBHOOK_ATTEMPTS = 5;

    private final List<Sink> sinks;
    private final AuditCounts counts;
    private final @Nullable AuditFilter filter;

    private AuditLog(@Nullable AuditPolicy policy, List<Sink> sinks, AuditCounts counts, InstantSource clock) {
        this.sinks = List.copyOf(sinks);
        this.counts = counts;
        this.filter = policy == null || sinks.isEmpty() ? null : new AuditFilter(policy, this.sinks, counts, clock);
    }

    /**
     * Opens what the settings name.
     *
     * @param clients how a webhook is connected to
     * @throws IOException naming the flag whose file cannot be used
     */
    public static AuditLog open(AuditSettings settings, HttpClients clients, InstantSource clock) throws IOException {
        AuditCounts counts = new AuditCounts();
        Path policyFile = settings.policyFile();
        if (policyFile == null) {
            if (settings.log() != null || settings.webhook() != null) {
                log.warn("no audit policy file provided, no events will be recorded");
            }
            return new AuditLog(null, List.of(), counts, clock);
        }
        AuditPolicy policy;
        try {
            policy = AuditPolicy.read(policyFile);
        } catch (IOException e) {
            throw new IOException("--audit-policy-file: loading audit policy file: " + e.getMessage(), e);
        }
        List<Sink> sinks = new ArrayList<>();
        try {
            AuditSettings.Log file = settings.log();
            if (file != null) {
                sinks.add(sink(new LogBackend(lines(file, clock), file.format()), file.delivery(), 1, counts));
            }
            AuditSettings.Webhook webhook = settings.webhook();
            if (webhook != null) {
                sinks.add(sink(
                        new WebhookBackend(calls(webhook, clients)),
                        webhook.delivery(),
                        Math.max(1, webhook.delivery().batch().throttleBurst()),
                        counts));
            }
        } catch (IOException | RuntimeException e) {
            sinks.forEach(Sink::close);
            throw e;
        }
        return new AuditLog(policy, sinks, counts, clock);
    }

    private static LogBackend.Lines lines(AuditSettings.Log settings, InstantSource clock) throws IOException {
        if (settings.path().equals("-")) {
            return new LogBackend.Printed(System.out);
        }
        int megabytes = settings.maxSizeMegabytes() == 0 ? SIZE_MEGABYTES : settings.maxSizeMegabytes();
        try {
            return RotatingFile.open(
                    Path.of(settings.path()),
                    new RotatingFile.Limits(
                            (long) megabytes << 20,
                            settings.maxBackups(),
                            Duration.ofDays(settings.maxAgeDays()),
                            settings.compress()),
                    clock);
        } catch (IOException e) {
            throw new IOException("--audit-log-path: ensureLogFile: " + e, e);
        }
    }

    private static RemoteCalls calls(AuditSettings.Webhook settings, HttpClients clients) throws IOException {
        try {
            return new RemoteCalls(
                    Kubeconfig.readCurrent(settings.kubeconfig()),
                    WEBHOOK_TIMEOUT,
                    WEBHOOK_ATTEMPTS,
                    settings.initialBackoff(),
                    clients);
        } catch (IOException e) {
            throw new IOException("--audit-webhook-config-file: initializing audit webhook: " + e.getMessage(), e);
        }
    }

    private static Sink sink(Backend backend, AuditSettings.Delivery delivery, int atOnce, AuditCounts counts) {
        Complaints complaints = new Complaints();
        Truncation truncation = new Truncation(delivery.truncate(), backend.name(), counts, complaints);
        return switch (delivery.mode()) {
            case BATCH ->
                new BatchingSink(
                        backend, truncation, delivery.batch(), atOnce, BatchingSink.BYTES_MAX, counts, complaints);
            case BLOCKING -> new BlockingSink(backend, truncation, false, counts, complaints);
            case BLOCKING_STRICT -> new BlockingSink(backend, truncation, true, counts, complaints);
        };
    }

    /** How it fares. */
    public AuditCounts counts() {
        return counts;
    }

    /** Has requests written down on their way to somebody; the same handler if nothing is to be. */
    public Handler before(Handler next) {
        AuditFilter to = filter;
        return to == null ? next : to.before(next);
    }

    /** Writes down a request of somebody who is not let in. */
    public void unauthenticated(ApiRequest request) throws InterruptedException {
        AuditFilter to = filter;
        if (to != null) {
            to.unauthenticated(request);
        }
    }

    @Override
    public void close() {
        sinks.forEach(Sink::close);
    }
}
