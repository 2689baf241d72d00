package io.keelson.controllers.runtime;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds objects without their managed fields, which are more than half of what many are made of, and which no loop reads. An
 * object that is written without them keeps those that it has: to the API, what is left out there was not changed.
 *
 * @param <T> the kind
 */
final class SlimStore<T extends HasMetadata> extends BasicItemStore<T> {
    private final Consumer<T> trim;

    /** @param trim takes away more */
    SlimStore(Consumer<T> trim) {
        super(Cache::metaNamespaceKeyFunc);
        this.trim = trim;
    }

    @Override
    public @Nullable T put(String key, T object) {
        object.getMetadata().setManagedFields(List.of());
        trim.accept(object);
        return super.put(key, object);
    }
}
