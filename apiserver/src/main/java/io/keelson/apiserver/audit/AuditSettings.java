package io.keelson.apiserver.audit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is written down about requests, and where.
 *
 * @param policyFile says what; null for nothing
 * @param log a file or standard output; null for neither
 * @param webhook another server; null for none
 */
public record AuditSettings(
        @Nullable Path policyFile,
        @Nullable Log log,
        @Nullable Webhook webhook) {
    public static final AuditSettings NONE = new AuditSettings(null, null, null);

    /**
     * A file, replaced by a new one when it is full.
     *
     * @param path {@code -} for standard output
     * @param maxAgeDays how long full files are kept; 0 for as long as their number allows
     * @param maxBackups how many full files are kept; 0 for any number
     * @param maxSizeMegabytes when a file is full
     * @param compress whether full files are compressed
     */
    public record Log(
            String path,
            Format format,
            int maxAgeDays,
            int maxBackups,
            int maxSizeMegabytes,
            boolean compress,
            Delivery delivery) {
        public Log {
            notNegative("maxage", maxAgeDays);
            notNegative("maxbackup", maxBackups);
            notNegative("maxsize", maxSizeMegabytes);
        }

        private static void notNegative(String flag, int value) {
            if (value < 0) {
                throw new IllegalArgumentException("--audit-log-" + flag + " " + value + " can't be a negative number");
            }
        }
    }

    /** How an event becomes a line. */
    public enum Format {
        JSON,
        LEGACY;

        /** @throws IllegalArgumentException naming the flag */
        public static Format of(String text) {
            return switch (text) {
                case "json" -> JSON;
                case "legacy" -> LEGACY;
                default ->
                    throw new IllegalArgumentException(
                            "invalid audit log format " + text + ", allowed formats are \"legacy,json\"");
            };
        }
    }

    /**
     * Another server that events are posted to.
     *
     * @param kubeconfig says where it is
     * @param initialBackoff before the second attempt to send; half as much again before every further one
     */
    public record Webhook(Path kubeconfig, Duration initialBackoff, Delivery delivery) {}

    /** When events are handed on, and at what size. */
    public record Delivery(Mode mode, Batch batch, Truncate truncate) {}

    /** Who waits for whom. */
    public enum Mode {
        /** Events are kept and handed on many at a time; nobody waits for it. */
        BATCH("batch"),
        /** A request waits until its events are handed on, or could not be. */
        BLOCKING("blocking"),
        /** Also, a request whose first event could not be handed on is refused. */
        BLOCKING_STRICT("blocking-strict");

        private static final String TEXTS =
                Arrays.stream(values()).map(mode -> mode.text).collect(Collectors.joining(","));

        private final String text;

        Mode(String text) {
            this.text = text;
        }

        /** @throws IllegalArgumentException naming the backend */
        public static Mode of(String text, String backend) {
            for (Mode mode : values()) {
                if (mode.text.equals(text)) {
                    return mode;
                }
            }
            throw new IllegalArgumentException(
                    "invalid audit " + backend + " mode " + text + ", allowed modes are \"" + TEXTS + "\"");
        }
    }

    /**
     * How events are kept in the mode {@code batch}.
     *
     * @param bufferSize how many are kept at most; more are dropped
     * @param sizeMax how many are handed on together at most
     * @param waitMax how long one waits for others
     * @param throttled whether there is a bound on batches in a second
     * @param throttlePerSecond that bound
     * @param throttleBurst how many may be handed on at once after a quiet time
     */
    public record Batch(
            int bufferSize,
            int sizeMax,
            Duration waitMax,
            boolean throttled,
            double throttlePerSecond,
            int throttleBurst) {
        /** @throws IllegalArgumentException naming what cannot be used */
        public Batch checked(String backend) {
            positive(backend, "buffer size", bufferSize);
            positive(backend, "max batch size", sizeMax);
            if (throttled) {
                positive(backend, "throttle QPS", throttlePerSecond);
                positive(backend, "throttle burst", throttleBurst);
            }
            return this;
        }

        private static void positive(String backend, String what, double value) {
            if (!(value > 0)) {
                throw new IllegalArgumentException("invalid audit batch " + backend + " " + what + " "
                        + (value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value))
                        + ", must be a positive number");
            }
        }
    }

    /** @param enabled whether events that are too large lose what was sent and answered, or go altogether */
    public record Truncate(boolean enabled, long batchBytesMax, long eventBytesMax) {
        /** @throws IllegalArgumentException naming what cannot be used */
        public Truncate checked(String backend) {
            if (eventBytesMax <= 0) {
                throw new IllegalArgumentException("invalid audit truncate " + backend + " max event size "
                        + eventBytesMax + ", must be a positive number");
            }
            if (batchBytesMax < eventBytesMax) {
                throw new IllegalArgumentException("invalid audit truncate " + backend + " max batch size "
                        + batchBytesMax + ", must be greater than max event size (" + eventBytesMax + ")");
            }
            return this;
        }
    }
}
