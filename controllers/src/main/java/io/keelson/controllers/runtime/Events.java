package io.keelson.controllers.runtime;

import io.fabric8.kubernetes.api.model.HasMetadata;

/** Tells users what happened to an object; {@code kubectl describe} shows it. */
public interface Events {
    /**
     * Tells of something as expected.
     *
     * @param reason one word, {@code SuccessfulCreate} for example
     */
    void normal(HasMetadata about, String reason, String message);

    /**
     * Tells of something that went wrong.
     *
     * @param reason one word, {@code FailedCreate} for example
     */
    void warning(HasMetadata about, String reason, String message);

    /** As told by a certain component, {@code replicaset-controller} for example. */
    Events from(String component);

    /**
     * About a part of the objects that are named. Who keeps no events with their parts tells of the whole.
     *
     * @param fieldPath where the part is, {@code spec.containers{web}} for example
     */
    default Events inField(String fieldPath) {
        return this;
    }
}
