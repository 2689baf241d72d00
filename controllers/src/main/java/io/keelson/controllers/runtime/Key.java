package io.keelson.controllers.runtime;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import org.jspecify.annotations.Nullable;

/**
 * Which object of a kind.
 *
 * @param namespace empty for an object of the cluster
 */
public record Key(String namespace, String name) {
    /** An object's key. */
    public static Key of(HasMetadata object) {
        ObjectMeta metadata = object.getMetadata();
        return of(metadata.getNamespace(), metadata.getName());
    }

    /** The key of a name in a namespace; null is no namespace. */
    public static Key of(@Nullable String namespace, String name) {
        return new Key(namespace == null ? "" : namespace, name);
    }

    /** {@code namespace/name}, or the name alone; as log lines and events have it. */
    @Override
    public String toString() {
        return namespace.isEmpty() ? name : namespace + '/' + name;
    }
}
