package io.keelson.controllers.runtime;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/** What a controller can ask for while it is made. */
public interface Setup {
    /**
     * Watches a kind: the keys that a change concerns are worked on. The function runs on the thread that delivers changes,
     * in their order, and must be quick; it may tell {@link Expectations} what it sees.
     *
     * @return the cache that is filled by it
     */
    <T extends HasMetadata> Cache<T> watch(Class<T> kind, Function<Change<T>, ? extends Collection<Key>> keys);

    /** Watches the kind that it reconciles: each change concerns the object's own key. */
    default <T extends HasMetadata> Cache<T> watch(Class<T> kind) {
        return watch(kind, change -> List.of(Key.of(change.object())));
    }

    /** A cache that is read but whose changes concern nobody. */
    <T extends HasMetadata> Cache<T> read(Class<T> kind);

    /**
     * Does something each period, the first time when the caches are filled; one run at a time, on a thread of its own. What
     * it throws is logged.
     */
    void every(Duration period, Task task);

    /** Where keys are put that no change brings. */
    WorkQueue<Key> queue();

    /** Where it counts what the original counts, under the original's names. */
    ControllerMetrics metrics();

    /** Something to do. */
    @FunctionalInterface
    interface Task {
        void run() throws InterruptedException;
    }
}
