package io.keelson.controllers.hollow;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import io.keelson.controllers.runtime.Key;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an informer keeps of objects so that it knows which changed: their names, uids and versions, and no more.
 *
 * @param <T> the kind
 */
final class SlimStore<T extends HasMetadata> implements ItemStore<T> {
    private final Supplier<T> empty;
    private final Map<String, Slim> objects = new ConcurrentHashMap<>();

    private record Slim(String uid, String version) {}

    /**
     * Keeps nothing yet.
     *
     * @param empty makes an object of the kind that says nothing
     */
    SlimStore(Supplier<T> empty) {
        this.empty = empty;
    }

    private @Nullable T object(String text, @Nullable Slim slim) {
        if (slim == null) {
            return null;
        }
        int slash = text.indexOf('/');
        T object = empty.get();
        object.setMetadata(new ObjectMetaBuilder()
                .withNamespace(slash < 0 ? null : text.substring(0, slash))
                .withName(text.substring(slash + 1))
                .withUid(slim.uid())
                .withResourceVersion(slim.version())
                .build());
        return object;
    }

    @Override
    public String getKey(T object) {
        return Key.of(object).toString();
    }

    @Override
    public @Nullable T put(String key, T object) {
        String uid = object.getMetadata().getUid();
        Slim before = objects.get(key);
        // The string that is held already: each version tells the same uid as another one.
        String held = before != null && before.uid().equals(uid) ? before.uid() : uid;
        return object(key, objects.put(key, new Slim(held, object.getMetadata().getResourceVersion())));
    }

    @Override
    public @Nullable T remove(String key) {
        return object(key, objects.remove(key));
    }

    @Override
    public Stream<String> keySet() {
        return objects.keySet().stream();
    }

    @Override
    public Stream<T> values() {
        return objects.keySet().stream().map(this::get).filter(Objects::nonNull).map(Objects::requireNonNull);
    }

    @Override
    public int size() {
        return objects.size();
    }

    @Override
    public @Nullable T get(String key) {
        return object(key, objects.get(key));
    }

    @Override
    public boolean isFullState() {
        return false;
    }
}
