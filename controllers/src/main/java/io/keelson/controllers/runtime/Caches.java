package io.keelson.controllers.runtime;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One informer for each kind that somebody looks at. A kind is listed in pages and watched from there; when the watch is
 * lost it goes on where it was, and if that is too long ago the kind is listed again, and what changed meanwhile is told as
 * changes. So all changes arrive, in the order of each object, though not each step of them.
 *
 * <p>Kinds are named before the start; nothing is told before it. A kind that the API does not serve then is taken to have no
 * objects.
 *
 * <p>Who is not to act yet but soon may be {@linkplain #fill fills} them first: they follow the API, and nobody is told. At
 * the start listeners are told all that there is by then as new, as if the caches had been filled at that moment.
 *
 * <p>Objects are held, and told of, without their managed fields.
 */
public final class Caches implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Caches.class);
    private static final long PAGE = 500;

    private final KubernetesClient client;
    private final Delivery delivery;
    private final Map<Class<?>, Entry<?>> entries = new LinkedHashMap<>();
    private final Map<Class<?>, CompletableFuture<Void>> filled = new HashMap<>();
    private final Map<Class<?>, Interest<?>> interests = new HashMap<>();
    private final List<Runnable> silentListeners = new ArrayList<>();
    private boolean named;
    private boolean telling;

    private record Entry<T extends HasMetadata>(SharedIndexInformer<T> informer, Cache<T> cache) {}

    /**
     * Which objects of a kind are followed, and what of them is held.
     *
     * @param labels a selector of labels; empty for all
     * @param fields what fields have to be
     * @param trim takes away from an object what nobody here looks at, before anybody is told of it; such objects must not be
     *     written back
     */
    public record Interest<T extends HasMetadata>(String labels, Map<String, String> fields, Consumer<T> trim) {
        public Interest {
            fields = Map.copyOf(fields);
        }
    }

    /** How a change gets to those who wait for it. A test may hold it up, or tell it twice. */
    @FunctionalInterface
    public interface Delivery {
        /** Each change once, at once. */
        Delivery PLAIN = Runnable::run;

        /** Delivers a change. Called in order, by one thread for each kind and listener. */
        void deliver(Runnable change);
    }

    /** No kinds yet. */
    public Caches(KubernetesClient client, Delivery delivery) {
        this.client = client;
        this.delivery = delivery;
    }

    /** Follows only some objects of a kind, or holds only parts of them. To be said before the kind is asked for. */
    public synchronized <T extends HasMetadata> void narrow(Class<T> kind, Interest<T> interest) {
        if (entries.containsKey(kind)) {
            throw new IllegalStateException(kind.getSimpleName() + " is followed already");
        }
        interests.put(kind, interest);
    }

    /** The cache of a kind, which is filled from the start on. */
    public <T extends HasMetadata> Cache<T> of(Class<T> kind) {
        return entry(kind).cache();
    }

    /** Tells of all changes of a kind, those that fill the cache included. */
    public <T extends HasMetadata> Cache<T> listen(Class<T> kind, Consumer<Change<T>> listener) {
        Entry<T> entry = entry(kind);
        ResourceEventHandler<T> handler = new ResourceEventHandler<>() {
            @Override
            public void onAdd(T object) {
                tell(null, object);
            }

            @Override
            public void onUpdate(T before, T now) {
                tell(before, now);
            }

            @Override
            public void onDelete(T object, boolean lastStateUnknown) {
                tell(object, null);
            }

            private void tell(@Nullable T before, @Nullable T now) {
                delivery.deliver(() -> listener.accept(new Change<>(before, now)));
            }
        };
        synchronized (this) {
            if (!telling) {
                silentListeners.add(() -> entry.informer().addEventHandler(handler));
                return entry.cache();
            }
        }
        entry.informer().addEventHandler(handler);
        return entry.cache();
    }

    @SuppressWarnings("unchecked") // the entry of a kind was made for it
    private synchronized <T extends HasMetadata> Entry<T> entry(Class<T> kind) {
        Entry<?> known = entries.get(kind);
        if (known == null) {
            if (named) {
                throw new IllegalStateException(kind.getSimpleName() + " was not asked for before the caches started");
            }
            SharedIndexInformer<T> informer = informer(kind);
            known = new Entry<>(informer, new Cache<>(informer));
            entries.put(kind, known);
        }
        return (Entry<T>) known;
    }

    @SuppressWarnings("unchecked") // the interest in a kind was told for it
    private <T extends HasMetadata> SharedIndexInformer<T> informer(Class<T> kind) {
        MixedOperation<T, KubernetesResourceList<T>, Resource<T>> objects = client.resources(kind);
        FilterWatchListDeletable<T, KubernetesResourceList<T>, Resource<T>> followed =
                Namespaced.class.isAssignableFrom(kind) ? objects.inAnyNamespace() : objects;
        Interest<T> interest = (Interest<T>) interests.get(kind);
        if (interest != null && !interest.labels().isEmpty()) {
            followed = followed.withLabelSelector(interest.labels());
        }
        if (interest != null && !interest.fields().isEmpty()) {
            followed = followed.withFields(interest.fields());
        }
        Consumer<T> trim = interest == null ? _ -> {} : interest.trim();
        SharedIndexInformer<T> informer =
                followed.withLimit(PAGE).runnableInformer(0).itemStore(new SlimStore<>(trim));
        // Whatever happens, it goes on: an API that is away comes back.
        return informer.exceptionHandler((running, problem) -> {
            LOG.warn("watching {}: {}", kind.getSimpleName(), problem.getMessage());
            return true;
        });
    }

    /**
     * Tells all listeners from now on, what there is already included, and returns when all caches are filled.
     *
     * @throws KubernetesClientException if the API cannot be asked what it serves
     */
    public void start() throws InterruptedException {
        begin();
        fill();
    }

    /**
     * Tells all listeners from now on, what there is already included, and lets all caches be filled that are not; returns
     * without waiting for that.
     *
     * @throws KubernetesClientException if the API cannot be asked what it serves
     */
    void begin() {
        List<Runnable> listeners;
        synchronized (this) {
            telling = true;
            listeners = List.copyOf(silentListeners);
            silentListeners.clear();
        }
        // An informer that runs tells a new listener on this thread what it has, before it tells it any change.
        listeners.forEach(Runnable::run);
        var _ = filling();
    }

    /** Is done when the caches of some kinds are filled, those that are not served included. Only after the beginning. */
    synchronized CompletableFuture<Void> filled(Collection<Class<?>> kinds) {
        return CompletableFuture.allOf(
                kinds.stream().filter(filled::containsKey).map(filled::get).toArray(CompletableFuture[]::new));
    }

    /**
     * Fills all caches that are not yet, and returns when they are; they follow the API from then on. Only reads.
     *
     * @throws KubernetesClientException if the API cannot be asked what it serves; may be called again then
     */
    public void fill() throws InterruptedException {
        await(filling());
    }

    private synchronized List<CompletableFuture<Void>> filling() {
        named = true;
        entries.forEach((kind, entry) -> {
            if (!filled.containsKey(kind) && client.supports(kind.asSubclass(HasMetadata.class))) {
                filled.put(kind, entry.informer().start().toCompletableFuture());
            } else if (!filled.containsKey(kind)) {
                LOG.info("{} is not served: its controllers see none", kind.getSimpleName());
            }
        });
        return List.copyOf(filled.values());
    }

    /** Returns when all are done. */
    static void await(List<CompletableFuture<Void>> all) throws InterruptedException {
        try {
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get();
        } catch (ExecutionException e) {
            throw new KubernetesClientException("the API cannot be read", e.getCause());
        }
    }

    /** Ends all watches. */
    @Override
    public synchronized void close() {
        for (Entry<?> entry : entries.values()) {
            entry.informer().stop();
        }
    }
}
