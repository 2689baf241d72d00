package io.keelson.controllers.podautoscaler;

import java.io.Serial;

/** A metric gives no number of replicas; the text says why. */
final class MetricException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final String text;

    MetricException(String text) {
        super(text);
        this.text = text;
    }

    String text() {
        return text;
    }
}
