package io.keelson.agent.image;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.keelson.controllers.runtime.Events;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;

/** Keeps what it is told, one line each: {@code Warning Failed Error: ErrImagePull}. */
public final class RecordedEvents implements Events {
    private final List<String> told;
    private final Set<String> fieldPaths;
    private final String fieldPath;

    /** With nothing told yet. */
    public RecordedEvents() {
        this(new CopyOnWriteArrayList<>(), new CopyOnWriteArraySet<>(), "");
    }

    private RecordedEvents(List<String> told, Set<String> fieldPaths, String fieldPath) {
        this.told = told;
        this.fieldPaths = fieldPaths;
        this.fieldPath = fieldPath;
    }

    /** All so far. */
    public List<String> told() {
        return List.copyOf(told);
    }

    /** The parts of objects that it was told of; an empty one stands for whole objects. */
    public Set<String> fieldPaths() {
        return Set.copyOf(fieldPaths);
    }

    /** Forgets what it was told. */
    public void clear() {
        told.clear();
        fieldPaths.clear();
    }

    @Override
    public void normal(HasMetadata about, String reason, String message) {
        tell("Normal " + reason + " " + message);
    }

    @Override
    public void warning(HasMetadata about, String reason, String message) {
        tell("Warning " + reason + " " + message);
    }

    private void tell(String line) {
        fieldPaths.add(fieldPath);
        told.add(line);
    }

    @Override
    public Events inField(String path) {
        return new RecordedEvents(told, fieldPaths, path);
    }

    @Override
    public Events from(String component) {
        return this;
    }
}
