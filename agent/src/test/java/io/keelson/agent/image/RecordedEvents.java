package io.keelson.agent.image;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.keelson.controllers.runtime.Events;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what it is told, one line each: {@code Warning Failed Error: ErrImagePull}. */
public final class RecordedEvents implements Events {
    private final List<String> told = new CopyOnWriteArrayList<>();

    /** All so far. */
    public List<String> told() {
        return List.copyOf(told);
    }

    /** Forgets what it was told. */
    public void clear() {
        told.clear();
    }

    @Override
    public void normal(HasMetadata about, String reason, String message) {
        told.add("Normal " + reason + " " + message);
    }

    @Override
    public void warning(HasMetadata about, String reason, String message) {
        told.add("Warning " + reason + " " + message);
    }

    @Override
    public Events from(String component) {
        return this;
    }
}
