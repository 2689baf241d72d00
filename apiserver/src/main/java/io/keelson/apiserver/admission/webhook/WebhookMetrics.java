package io.keelson.apiserver.admission.webhook;

import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.kvstore.metrics.Metrics;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts and times the calls of webhooks, by their names. Any thread. */
public final class WebhookMetrics {
    private static final double[] SECONDS = {0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 10, 25};
    /** Webhooks come and go; what is beyond is counted together. */
    private static final int SERIES_MAX = 5_000;

    private static final String OTHER = "OTHER";
    /** A webhook may answer any number as a code; greater ones are counted as this. */
    private static final int CODE_MAX = 600;

    private static final int ADMITTED = 200;

    private final Metrics.Histograms durations;
    private final Metrics.Counters requests;
    private final Metrics.Counters rejections;
    private final Metrics.Counters ignored;
    private final Map<Key, Series> series = new ConcurrentHashMap<>();
    private final Map<RejectionKey, LongAdder> rejectionsByKey = new ConcurrentHashMap<>();

    public WebhookMetrics(Metrics metrics) {
        durations = metrics.histograms(
                "apiserver_admission_webhook_admission_duration_seconds",
                "How long webhooks took, by name, operation, type and whether the write was refused.",
                SECONDS);
        requests = metrics.counters(
                "apiserver_admission_webhook_request_total",
                "Calls of webhooks, by name, operation, type, whether the write was refused, and the code of the answer.");
        rejections = metrics.counters(
                "apiserver_admission_webhook_rejection_count",
                "Writes refused because of a webhook, by its name, operation, type, the kind of error and the code.");
        ignored = metrics.counters(
                "apiserver_admission_webhook_fail_open_count",
                "Calls of webhooks that failed and were ignored, by name and type.");
    }

    /** The label {@code type}. */
    enum Type {
        MUTATING("admit"),
        VALIDATING("validating");

        private final String label;

        Type(String label) {
            this.label = label;
        }
    }

    /** Whose fault it is that a write was refused. */
    private enum ErrorType {
        /** The webhook's that could not be asked. */
        CALL("calling_webhook_error"),
        /** This server's, or of what the webhook wants of it. */
        SERVER("apiserver_internal_error"),
        /** Nobody's: the webhook has said no. */
        NONE("no_error");

        private final String label;

        ErrorType(String label) {
            this.label = label;
        }
    }

    private record Key(Type type, String name, Operation operation, int code, boolean rejected) {}

    private record Series(LongAdder requests, Metrics.Histogram duration) {}

    private record RejectionKey(Type type, String name, Operation operation, ErrorType error, int code) {}

    /** Begins to time the call of a webhook. */
    Call begin(Type type, Webhook webhook, Operation operation) {
        return new Call(type, webhook.name(), operation);
    }

    /** One call. It is said once what came of it; a call of which nothing is said is not counted. One thread. */
    final class Call {
        private final Type type;
        private final String name;
        private final Operation operation;
        private final long startNanos = System.nanoTime();
        private boolean over;

        private Call(Type type, String name, Operation operation) {
            this.type = type;
            this.name = name;
            this.operation = operation;
        }

        /** The write may go on. */
        void admitted() {
            end(ADMITTED, false);
        }

        /** The webhook has said no; this is what the client is told. */
        void denied(ApiException denial) {
            reject(ErrorType.NONE, denial.code());
            end(denial.code(), true);
        }

        /**
         * It could not be asked.
         *
         * @param open whether the write goes on all the same
         */
        void failed(WebhookCall.FailedException failure, boolean open) {
            if (open) {
                ignored.at(Metrics.label("name", bounded(name)) + "," + Metrics.label("type", type.label))
                        .increment();
            } else {
                reject(ErrorType.CALL, failure.code());
            }
            end(failure.code(), !open);
        }

        /** Something else has gone wrong, so that the write is refused; unless it was said already what came of the call. */
        void broken() {
            if (!over) {
                reject(ErrorType.SERVER, 0);
                end(0, true);
            }
        }

        private void end(int code, boolean rejected) {
            over = true;
            Series counted = series(new Key(type, name, operation, Math.min(code, CODE_MAX), rejected));
            counted.requests().increment();
            counted.duration().observeNanos(System.nanoTime() - startNanos);
        }

        private void reject(ErrorType error, int code) {
            rejections(new RejectionKey(type, name, operation, error, Math.min(code, CODE_MAX)))
                    .increment();
        }
    }

    private String bounded(String name) {
        return series.size() < SERIES_MAX ? name : OTHER;
    }

    private Series series(Key wanted) {
        Series known = series.get(wanted);
        if (known != null) {
            return known;
        }
        Key counted =
                new Key(wanted.type(), bounded(wanted.name()), wanted.operation(), wanted.code(), wanted.rejected());
        return series.computeIfAbsent(counted, key -> {
            String code = Metrics.label("code", Integer.toString(key.code()));
            String labels = Metrics.label("name", key.name())
                    + "," + Metrics.label("operation", key.operation().name())
                    + "," + Metrics.label("rejected", Boolean.toString(key.rejected()))
                    + "," + Metrics.label("type", key.type().label);
            return new Series(requests.at(code + "," + labels), durations.at(labels));
        });
    }

    private LongAdder rejections(RejectionKey wanted) {
        LongAdder known = rejectionsByKey.get(wanted);
        if (known != null) {
            return known;
        }
        String name = rejectionsByKey.size() < SERIES_MAX ? wanted.name() : OTHER;
        RejectionKey counted = new RejectionKey(wanted.type(), name, wanted.operation(), wanted.error(), wanted.code());
        return rejectionsByKey.computeIfAbsent(
                counted,
                key -> rejections.at(Metrics.label("error_type", key.error().label)
                        + "," + Metrics.label("name", key.name())
                        + "," + Metrics.label("operation", key.operation().name())
                        + "," + Metrics.label("rejection_code", Integer.toString(key.code()))
                        + "," + Metrics.label("type", key.type().label)));
    }
}
