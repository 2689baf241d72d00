package io.keelson.controllers.runtime;

import io.fabric8.kubernetes.api.model.HasMetadata;
import org.jspecify.annotations.Nullable;

/**
 * What a cache has seen happen to an object. Several changes of the API may have become one; an object that was deleted and
 * made again between two looks is told as a change whose two sides have different uids.
 *
 * @param before null if it was not there
 * @param now null if it is not there any more
 */
public record Change<T extends HasMetadata>(
        @Nullable T before, @Nullable T now) {
    public Change {
        if (before == null && now == null) {
            throw new IllegalArgumentException("nothing changed");
        }
    }

    /** The object as it is, or as it was last. */
    public T object() {
        T object = now != null ? now : before;
        if (object == null) {
            throw new IllegalStateException("nothing changed");
        }
        return object;
    }

    /** Whether it was not there before. */
    public boolean added() {
        return before == null;
    }

    /** Whether it is not there any more. */
    public boolean deleted() {
        return now == null;
    }
}
