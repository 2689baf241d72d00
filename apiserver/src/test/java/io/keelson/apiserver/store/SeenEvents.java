package io.keelson.apiserver.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A consumer of a watch that remembers what it was told, and may be made to wait. */
final class SeenEvents implements Consumer<StoreEvent> {
    private final List<StoreEvent> events = new ArrayList<>();
    private final Semaphore gate = new Semaphore(0);
    private final boolean gated;
    final CompletableFuture<@Nullable Throwable> end = new CompletableFuture<>();

    SeenEvents() {
        this(false);
    }

    /** @param gated whether each event waits for {@link #open} */
    SeenEvents(boolean gated) {
        this.gated = gated;
    }

    void open() {
        gate.release(Integer.MAX_VALUE);
    }

    @Override
    public void accept(StoreEvent event) {
        if (gated) {
            gate.acquireUninterruptibly();
        }
        synchronized (this) {
            events.add(event);
        }
    }

    synchronized List<StoreEvent> all() {
        return List.copyOf(events);
    }

    /** {@code put key=value}, {@code delete key}; reports of progress left out. */
    List<String> changes() {
        List<String> changes = new ArrayList<>();
        for (StoreEvent event : all()) {
            switch (event) {
                case StoreEvent.Put(StoredValue value, boolean created, boolean _) ->
                    changes.add((created ? "create " : "put ") + value.key() + "=" + text(value));
                case StoreEvent.Deleted(String key, long _, boolean _) -> changes.add("delete " + key);
                case StoreEvent.Progress(long _) -> {}
            }
        }
        return changes;
    }

    private static String text(StoredValue value) {
        return new String(value.bytes(), StandardCharsets.UTF_8);
    }

    /** The highest revision reported as reached. */
    long progress() {
        return all().stream()
                .filter(StoreEvent.Progress.class::isInstance)
                .mapToLong(StoreEvent::revision)
                .max()
                .orElse(0);
    }
}
