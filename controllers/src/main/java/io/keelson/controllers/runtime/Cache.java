package io.keelson.controllers.runtime;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The objects of a kind as a watch has told of them last: behind the API by as long as that takes, never partly.
 *
 * <p>What it returns is shared by all loops of the process and must not be changed; lists are the caller's own. Any thread.
 *
 * @param <T> the kind
 */
public final class Cache<T extends HasMetadata> {
    private static final String OWNER = "owner";

    private final SharedIndexInformer<T> informer;
    private final Map<String, Function<T, List<String>>> indexes = new HashMap<>();

    Cache(SharedIndexInformer<T> informer) {
        this.informer = informer;
        index(OWNER, Cache::ownerUids);
    }

    private static List<String> ownerUids(HasMetadata object) {
        List<OwnerReference> owners = object.getMetadata().getOwnerReferences();
        return owners == null
                ? List.of()
                : owners.stream().map(OwnerReference::getUid).toList();
    }

    /**
     * Finds objects by something other than their name from now on. Only before the caches start.
     *
     * @param name one that is taken keeps what it has: it means the same to all who name it
     * @param values what an object is found by
     */
    public synchronized void index(String name, Function<T, ? extends Collection<String>> values) {
        if (indexes.containsKey(name)) {
            return;
        }
        Function<T, List<String>> distinct = object -> new ArrayList<>(new LinkedHashSet<>(values.apply(object)));
        indexes.put(name, distinct);
        informer.addIndexers(Map.of(name, distinct));
    }

    /** One object; null if there is none of that name. */
    public @Nullable T get(String namespace, String name) {
        return informer.getStore().getByKey(namespace.isEmpty() ? name : namespace + '/' + name);
    }

    /** One object; null if there is none of that name. */
    public @Nullable T get(Key key) {
        return get(key.namespace(), key.name());
    }

    /** All objects, in no certain order. */
    public List<T> all() {
        return new ArrayList<>(informer.getStore().list());
    }

    /** The objects of a namespace, in no certain order. */
    public List<T> in(String namespace) {
        return new ArrayList<>(informer.getIndexer()
                .byIndex(io.fabric8.kubernetes.client.informers.cache.Cache.NAMESPACE_INDEX, namespace));
    }

    /** The objects that have an owner of this uid, as controller or not. */
    public List<T> ownedBy(String uid) {
        return indexed(OWNER, uid);
    }

    /** The objects that an {@linkplain #index index} of this name finds. */
    public List<T> indexed(String index, String value) {
        return new ArrayList<>(informer.getIndexer().byIndex(index, value));
    }
}
