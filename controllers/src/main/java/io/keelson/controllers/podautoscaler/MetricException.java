package io.keelson.controllers.podautoscaler;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A metric gives no number of replicas; the text says why. */
final class MetricException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final String text;

    MetricException(String text) {
        this(text, null);
    }

    MetricException(String text, @Nullable Throwable cause) {
        super(text, cause);
        this.text = text;
    }

    String text() {
        return text;
    }
}
