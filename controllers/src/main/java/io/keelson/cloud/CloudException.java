package io.keelson.cloud;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A provider could not do what it was asked for. The message is what users read in events: it says what to do about it.
 */
public final class CloudException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient @Nullable Duration retryAfter;

    /** To be tried again, later each time. */
    public CloudException(String message) {
        this(message, null, null);
    }

    /** To be tried again, later each time. */
    public CloudException(String message, @Nullable Throwable cause) {
        this(message, cause, null);
    }

    /** To be tried again after a time that the provider names; null for later each time. */
    public CloudException(String message, @Nullable Throwable cause, @Nullable Duration retryAfter) {
        super(message, cause);
        this.retryAfter = retryAfter;
    }

    /** After how long to try again; null for later each time. */
    public @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
