package io.keelson.controllers.volumebinder;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.keelson.controllers.runtime.Events;

/** An event that a decision brings with it. */
record Told(boolean warning, String reason, String message) {
    static Told normal(String reason, String message) {
        return new Told(false, reason, message);
    }

    static Told warning(String reason, String message) {
        return new Told(true, reason, message);
    }

    void about(HasMetadata object, Events events) {
        if (warning) {
            events.warning(object, reason, message);
        } else {
            events.normal(object, reason, message);
        }
    }
}
