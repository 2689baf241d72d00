package io.keelson.scheduler.decision;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.scheduler.queue.ClusterEvent;
import java.util.function.Consumer;

/** How an {@link Observed} is told of the API. */
public interface Watches {
    /**
     * Looks at a kind. All there is is told before the first decision; the same may be told twice. A kind that the API does
     * not serve has no objects.
     *
     * @param listener is called by the thread that owns the state
     * @return the objects as the API has told of them, for any thread; it may be ahead of what the listener was told
     */
    <T extends HasMetadata> Cache<T> listen(Class<T> kind, Consumer<Change<T>> listener);

    /** The objects of a kind whose changes do not matter, as {@link #listen} returns them. */
    <T extends HasMetadata> Cache<T> read(Class<T> kind);

    /** Tells that something happened that pods may wait for, after it is in the state. Only by the thread that owns that. */
    void happened(ClusterEvent event);
}
